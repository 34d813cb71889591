//! A TCP connection that can be told to end with a reset instead of a farewell.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Orders a [`Line`] to end with a reset.
#[derive(Clone, Default)]
pub(super) struct Breaker(Arc<AtomicBool>);

impl Breaker {
    /// From now on nothing more is sent, and closing the connection resets it.
    pub(super) fn break_line(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_broken(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The connection.
pub(super) struct Line {
    stream: TcpStream,
    breaker: Breaker,
}

impl Line {
    pub(super) fn new(stream: TcpStream, breaker: Breaker) -> Self {
        Self { stream, breaker }
    }

    fn stream(&mut self) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.stream)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.breaker.is_broken() {
            // Makes the kernel send RST on close. Where it refuses, the client sees an end instead: also no answer.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.breaker.is_broken() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        self.stream().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.breaker.is_broken() {
            // A FIN now would reach the client before the reset.
            return Poll::Ready(Ok(()));
        }
        self.stream().poll_shutdown(context)
    }
}
