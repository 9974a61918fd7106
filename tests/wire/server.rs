//! A scripted model server on loopback: it keeps every request as it came and answers from a list.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What it does with one request.
#[derive(Clone, Debug)]
pub enum Play {
    /// A whole stream, in these pieces.
    Stream(&'static str, Vec<Vec<u8>>),
    /// The same, and the connection is closed in the middle of it.
    Cut(&'static str, Vec<Vec<u8>>),
    /// The same, and then silence until the client goes.
    Silent(&'static str, Vec<Vec<u8>>),
    /// Another status, with header lines and a body.
    Status(u16, &'static str, String),
    /// Accepts and never answers.
    Never,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub head: String,
    pub body: Vec<u8>,
}

pub struct Server {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(script: Vec<Play>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = received.clone();
        let task = tokio::spawn(async move {
            let mut script = VecDeque::from(script);
            // Dropping a connection closes it; the silent ones are held until the server ends.
            let mut held = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let Some(request) = request(&mut socket).await else { continue };
                kept.lock().unwrap().push(request);
                let play = script.pop_front().unwrap_or(Play::Status(500, "", "the script is over".into()));
                if answer(&mut socket, play).await {
                    held.push(socket);
                }
            }
        });
        Self { url, received, task }
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn request(socket: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let n = socket.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..n]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:").map(|v| v.trim().parse::<usize>().unwrap()));
        let body = bytes[end + 4..].to_vec();
        if body.len() == length.unwrap_or(0) {
            return Some(Received { head, body });
        }
    }
}

/// True when the connection is to stay open.
async fn answer(socket: &mut TcpStream, play: Play) -> bool {
    let head = |kind: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n");
    let (kind, pieces, whole, hold) = match play {
        Play::Never => return true,
        Play::Status(status, headers, body) => {
            let text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len());
            let _ = socket.write_all(text.as_bytes()).await;
            let _ = socket.shutdown().await;
            return false;
        }
        Play::Stream(kind, pieces) => (kind, pieces, true, false),
        Play::Cut(kind, pieces) => (kind, pieces, false, false),
        Play::Silent(kind, pieces) => (kind, pieces, false, true),
    };
    let _ = socket.write_all(head(kind).as_bytes()).await;
    for piece in pieces.iter().filter(|p| !p.is_empty()) {
        let _ = socket.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await;
        let _ = socket.write_all(piece).await;
        let _ = socket.write_all(b"\r\n").await;
        let _ = socket.flush().await;
        tokio::task::yield_now().await;
    }
    if whole {
        let _ = socket.write_all(b"0\r\n\r\n").await;
        let _ = socket.shutdown().await;
    }
    hold
}
