//! Many halls at the same time.

use std::time::Duration;

use protocol::http::{Hello, paths};
use testkit::RunningBackend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Connections that stay open: more than halls with two polls each would have, as all halls of a city
/// need when they come back and send what they have queued.
const OPEN: usize = 1_500;

#[tokio::test]
async fn while_many_connections_are_open_another_hall_is_answered() {
    backend::handles::ask_for_enough();
    let running = RunningBackend::start();
    let url = running.base_url();
    let address = url.strip_prefix("http://").expect("plain HTTP");
    let request = format!("GET {} HTTP/1.1\r\nhost: {address}\r\n\r\n", paths::HELLO);
    let mut open = Vec::new();
    for _ in 0..OPEN {
        let mut connection = TcpStream::connect(address).await.expect("accepted");
        connection
            .write_all(request.as_bytes())
            .await
            .expect("sent");
        let mut beginning = [0; 12];
        let answered = connection.read_exact(&mut beginning);
        let in_time = tokio::time::timeout(Duration::from_secs(20), answered).await;
        in_time.expect("in time").expect("answered");
        assert_eq!(&beginning, b"HTTP/1.1 200");
        open.push(connection);
    }
    let hall = running.hall();
    let hello = tokio::time::timeout(Duration::from_secs(20), hall.get::<Hello>(paths::HELLO));
    hello.await.expect("in time").expect("answered");
    assert_eq!(open.len(), OPEN);
}
