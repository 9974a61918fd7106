//! Signals as a stream, and the promise that the end comes: once told to leave, the process is gone within seconds even
//! when the terminal takes no more bytes.
use super::modes;
use std::io;
use std::time::Duration;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// How long the loop has to end by itself after a signal.
const GRACE: Duration = Duration::from_secs(12);

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM, SIGHUP, SIGINT: end; the exit code that says which.
    Leave(u8),
    /// SIGTSTP from outside.
    Stop,
    /// SIGCONT: the terminal may be anyhow.
    Continue,
}

/// The signals that the screen answers.
#[derive(Debug)]
pub struct Signals {
    term: Stream,
    hup: Stream,
    int: Stream,
    stop: Stream,
    cont: Stream,
}

impl Signals {
    /// Listens from now on.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
            int: signal(SignalKind::interrupt())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            cont: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.term.recv() => Signal::Leave(143),
            _ = self.hup.recv() => Signal::Leave(129),
            _ = self.int.recv() => Signal::Leave(130),
            _ = self.stop.recv() => Signal::Stop,
            _ = self.cont.recv() => Signal::Continue,
        }
    }
}

/// Ends the process by itself when a signal to leave found no one listening: the loop may hang in a write to a terminal
/// that takes nothing.
pub fn watchdog() -> io::Result<()> {
    let mut signals = Signals::listen()?;
    tokio::spawn(async move {
        loop {
            if let Signal::Leave(code) = signals.next().await {
                tokio::time::sleep(GRACE).await;
                // The restore may hang on the same terminal: it gets a thread of its own and a second.
                let restore = std::thread::spawn(modes::restore);
                for _ in 0..20 {
                    if restore.is_finished() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
                std::process::exit(i32::from(code));
            }
        }
    });
    Ok(())
}

/// Stops our process group as `ctrl-z` does; returns when it is continued.
pub fn stop() -> io::Result<()> {
    rustix::process::kill_current_process_group(rustix::process::Signal::STOP).map_err(io::Error::from)
}
