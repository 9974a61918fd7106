//! The clipboard of the terminal at the other end: OSC 52, or tmux's own command where tmux is. Neither answers, so
//! nobody may say "copied".
use base64::Engine as _;
use std::process::Stdio;
use tokio::io::AsyncWriteExt as _;

/// The longest text that terminals take.
pub const CAP: usize = 74_994;

/// What became of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Sent {
    /// tmux took it.
    Tmux,
    /// These bytes must be written to the terminal.
    Write(Vec<u8>),
    /// It is longer than [`CAP`]: so many bytes.
    TooLong(usize),
}

/// Hands a text to tmux, or encodes it.
pub async fn send(text: &str, tmux: bool) -> Sent {
    if text.len() > CAP {
        return Sent::TooLong(text.len());
    }
    if tmux && load_buffer(text).await {
        return Sent::Tmux;
    }
    Sent::Write(osc52(text))
}

/// The escape sequence.
pub fn osc52(text: &str) -> Vec<u8> {
    format!("\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(text)).into_bytes()
}

async fn load_buffer(text: &str) -> bool {
    let spawned = tokio::process::Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let Ok(mut child) = spawned else { return false };
    let told = async {
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(text.as_bytes()).await?;
            stdin.shutdown().await?;
        }
        child.wait().await
    };
    matches!(tokio::time::timeout(std::time::Duration::from_secs(2), told).await, Ok(Ok(status)) if status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_text_is_encoded_and_one_that_is_too_long_is_not_sent() {
        assert_eq!(send("hi", false).await, Sent::Write(b"\x1b]52;c;aGk=\x07".to_vec()));
        assert_eq!(send(&"x".repeat(CAP + 1), true).await, Sent::TooLong(CAP + 1));
        assert!(matches!(send(&"x".repeat(CAP), false).await, Sent::Write(bytes) if bytes.len() == 100_000));
    }
}
