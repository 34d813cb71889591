//! Servers that are no good.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

/// An address where nobody listens.
pub(super) fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// A server that takes connections and never answers.
pub(super) struct Silent(TcpListener);

impl Silent {
    pub(super) fn new() -> Self {
        Silent(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub(super) fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    /// Waits until somebody has asked something, and returns the connection, which has to live.
    pub(super) fn asked(&self) -> TcpStream {
        let (mut stream, _) = self.0.accept().unwrap();
        let mut first = [0];
        stream.read_exact(&mut first).unwrap();
        stream
    }
}

/// A server that answers everything with one status. Its thread ends with the test program.
pub(super) struct Answering(String);

impl Answering {
    pub(super) fn new(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let answer =
                    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Answering(address)
    }

    pub(super) fn address(&self) -> &str {
        &self.0
    }
}
