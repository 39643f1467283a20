//! The end of a connection on which a request was answered before it was read whole, as a large one
//! that its sender may not send.
//!
//! A socket that is closed with something unread in it is reset by the system, and the reset may
//! overtake the answer. So what still comes is read and thrown away for a moment.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

/// For so long and for so many bytes what comes too late is read.
const MOST_TIME: Duration = Duration::from_secs(5);
const MOST_BYTES: u64 = 64 << 20;

/// A connection that is read to its end after the last answer.
#[derive(Debug)]
pub(super) struct Lingering {
    /// `None` once it is given up.
    stream: Option<TcpStream>,
    /// Its place among the connections, which it keeps until it is closed.
    place: Option<OwnedSemaphorePermit>,
    /// Nothing more comes.
    has_ended: bool,
    /// Nothing more is written: the last answer has been given.
    is_answered: bool,
}

impl Lingering {
    pub(super) const fn new(stream: TcpStream, place: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            stream: Some(stream),
            place,
            has_ended: false,
            is_answered: false,
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let gone = || io::Error::from(io::ErrorKind::NotConnected);
        self.stream.as_mut().map(Pin::new).ok_or_else(gone)
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = self.stream()?.poll_read(context, into);
        if read.is_ready() && into.filled().len() == before && into.remaining() > 0 {
            self.has_ended = true;
        }
        read
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream
            .as_ref()
            .is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_answered = true;
        self.stream()?.poll_shutdown(context)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let stream = self.stream.take();
        let lingers = self.is_answered && !self.has_ended;
        if let (Some(stream), Ok(runtime), true) = (stream, Handle::try_current(), lingers) {
            let place = self.place.take();
            runtime.spawn(async move {
                read_to_end(stream).await;
                drop(place);
            });
        }
    }
}

async fn read_to_end(stream: TcpStream) {
    let reading = async {
        let mut sink = tokio::io::sink();
        // Whatever ends it, there is nothing left to be said.
        tokio::io::copy(&mut stream.take(MOST_BYTES), &mut sink)
            .await
            .ok();
    };
    tokio::time::timeout(MOST_TIME, reading).await.ok();
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;
    use tokio::sync::Semaphore;

    use super::*;

    /// A connection that holds the only place, and its other end.
    async fn connected() -> (Lingering, TcpStream, Arc<Semaphore>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (other_end, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let places = Arc::new(Semaphore::new(1));
        let place = Arc::clone(&places).acquire_owned().await.ok();
        let connection = Lingering::new(accepted.expect("accepted").0, place);
        (connection, other_end.expect("connected"), places)
    }

    #[tokio::test]
    async fn it_keeps_its_place_until_what_comes_too_late_is_read() {
        let (mut connection, mut other_end, places) = connected().await;
        connection
            .write_all(b"no")
            .await
            .expect("the answer is written");
        connection.shutdown().await.expect("nothing more is said");
        drop(connection);
        let mut answer = String::new();
        other_end
            .write_all(&vec![7; 1 << 20])
            .await
            .expect("it is read");
        assert_eq!(places.available_permits(), 0, "it is still a connection");
        other_end
            .read_to_string(&mut answer)
            .await
            .expect("no reset");
        assert_eq!(answer, "no");
        other_end.shutdown().await.expect("the end is said");
        // Sooner than it would be given up.
        let place = tokio::time::timeout(MOST_TIME / 2, places.acquire()).await;
        assert!(place.is_ok(), "the place is given back");
    }

    #[tokio::test]
    async fn one_that_is_cut_off_gives_its_place_back_at_once() {
        let (connection, _other_end, places) = connected().await;
        drop(connection);
        assert_eq!(places.available_permits(), 1);
    }
}
