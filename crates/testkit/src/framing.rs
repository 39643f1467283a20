//! Cuts an HTTP/1.1 byte stream into whole messages, as far as the proxy needs it: a head, and a
//! body of the length that the head gives.

use tokio::io::{AsyncRead, AsyncReadExt};

/// A head that is longer is no message of ours.
const LONGEST_HEAD_BYTES: usize = 64 * 1024;

/// Reads one message; `None` when the stream ends before it is whole.
pub async fn read_message(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break end + 4;
        }
        if bytes.len() > LONGEST_HEAD_BYTES || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let whole = head + body_length(&bytes[..head]);
    while bytes.len() < whole {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(bytes)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn body_length(head: &[u8]) -> usize {
    String::from_utf8_lossy(head)
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_is_whole_with_its_body() {
        let message = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";
        let mut stream = &message[..];
        assert_eq!(
            read_message(&mut stream).await.as_deref(),
            Some(&message[..])
        );
        let mut cut = &message[..message.len() - 1];
        assert_eq!(read_message(&mut cut).await, None);
        let mut bare = &b"GET / HTTP/1.1\r\n\r\n"[..];
        assert!(read_message(&mut bare).await.is_some());
    }
}
