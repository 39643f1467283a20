//! The client against servers that answer slowly, or begin to and fall silent.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::*;

/// Far more than a busy machine lets a thread wait.
const SILENCE: Duration = Duration::from_secs(3);
/// Of the pieces of an answer.
const PAUSE: Duration = Duration::from_millis(250);
const PIECES: usize = 16;

/// A server that answers one request in pieces, of which it sends so many.
fn server(sent: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        answer(&mut stream, sent).ok();
        // The connection stays open for as long as somebody may wait at its other end.
        std::thread::sleep(SILENCE * 4);
    });
    address
}

fn answer(stream: &mut TcpStream, sent: usize) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        request.extend(byte);
    }
    for piece in 0..sent {
        std::thread::sleep(PAUSE);
        if piece == 0 {
            let length = PIECES - 1;
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"
            )?;
        } else {
            stream.write_all(b"?")?;
        }
    }
    Ok(())
}

fn client(server: SocketAddr) -> Client {
    let address = Address {
        url: format!("http://{server}"),
        key: "key".to_owned(),
        ca_pem: None,
    };
    let pace = Pace {
        answer_timeout: SILENCE,
        bulk_begin: SILENCE,
        longest_silence: SILENCE,
        ..Pace::default()
    };
    Client::new(&address, pace).unwrap()
}

async fn reference(sent: usize) -> CallError {
    let client = client(server(sent));
    client
        .reference()
        .await
        .expect_err("it is no reference data")
}

async fn changes(sent: usize) -> CallError {
    let client = client(server(sent));
    let place = LogPlace {
        log: LogId("log".to_owned()),
        cursor: 0,
    };
    let answer = client.changes(place, Duration::ZERO).await;
    answer.expect_err("these are no changes")
}

#[tokio::test]
async fn what_comes_slowly_is_waited_for_to_its_end() {
    assert!(PAUSE * PIECES as u32 > SILENCE, "in all it takes longer");
    for answer in <[_; 2]>::from(tokio::join!(reference(PIECES), changes(PIECES))) {
        assert!(matches!(answer, CallError::Nonsense(_)), "{answer:?}");
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_before_or_in_its_answer_is_given_up() {
    let answers = tokio::join!(
        reference(0),
        reference(1),
        reference(PIECES / 2),
        changes(0),
        changes(PIECES / 2),
    );
    for answer in <[_; 5]>::from(answers) {
        let CallError::Unreachable { detail, never_left } = answer else {
            panic!("{answer:?}");
        };
        assert!(detail.ends_with("no answer in time"), "{detail}");
        assert!(!never_left, "it has heard the question");
    }
}

#[tokio::test]
async fn an_answer_counts_as_coming_from_its_beginning_to_its_end() {
    let client = client(server(PIECES));
    let place = LogPlace {
        log: LogId("log".to_owned()),
        cursor: 0,
    };
    let mut call = Calls::changes(&client, place, Duration::ZERO);
    assert!(!client.is_receiving_changes());
    let mut was_coming = false;
    loop {
        let waited = tokio::time::timeout(Duration::from_millis(20), &mut call).await;
        if waited.is_ok() {
            break;
        }
        was_coming |= client.is_receiving_changes();
    }
    assert!(was_coming);
    assert!(!client.is_receiving_changes());
}
