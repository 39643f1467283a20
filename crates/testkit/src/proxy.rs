//! A proxy between a hall and its backend that loses, delays and repeats on demand.
//!
//! It understands HTTP/1.1 just enough to treat requests one by one: faults are queued with
//! [`FaultProxy::next`] and used up by the requests that follow, so that a test says exactly which
//! message suffers. [`FaultProxy::misbehave`] draws a fault for every further request from a seed,
//! and [`FaultProxy::set_line`] takes the whole line down and up again.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::background::Background;
use crate::framing::read_message;

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The connection is cut before the backend hears of the request.
    LoseRequest,
    /// The backend carries it out, and the connection is cut before the answer is passed on.
    LoseResponse,
    /// The answer comes so many milliseconds late.
    DelayMs(u64),
    /// The backend hears of the request twice; the first answer is passed on.
    Repeat,
    /// A second copy of the request arrives so many milliseconds after the answer was passed on.
    RepeatLateMs(u64),
    /// The answer is cut in the middle.
    CutResponse,
    /// Something else answers than a backend of ours.
    Nonsense,
}

/// A proxy that ends when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    _background: Background,
}

#[derive(Debug)]
struct Shared {
    upstream: SocketAddr,
    next: Mutex<VecDeque<Fault>>,
    bad_line: Mutex<Option<BadLine>>,
    requests: Mutex<u64>,
    is_up: watch::Sender<bool>,
}

impl FaultProxy {
    /// A proxy in front of an address.
    pub fn start(upstream: SocketAddr) -> Self {
        let background = Background::start();
        let listener = background
            .run(TcpListener::bind("127.0.0.1:0"))
            .expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound address");
        let shared = Arc::new(Shared {
            upstream,
            next: Mutex::default(),
            bad_line: Mutex::default(),
            requests: Mutex::default(),
            is_up: watch::Sender::new(true),
        });
        let accepting = Arc::clone(&shared);
        background.handle().spawn(async move {
            while let Ok((hall, _)) = listener.accept().await {
                let shared = Arc::clone(&accepting);
                tokio::spawn(async move { shared.carry(hall).await });
            }
        });
        Self {
            address,
            shared,
            _background: background,
        }
    }

    /// Where halls connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Faults of the requests to come, one each; afterwards requests pass.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        lock(&self.shared.next).extend(faults);
    }

    /// From now on a third of all requests suffers, as the seed decides; `None` ends that.
    pub fn misbehave(&self, seed: Option<u64>) {
        *lock(&self.shared.bad_line) = seed.map(BadLine);
    }

    /// Takes the line down, cutting what is open, or up again.
    pub fn set_line(&self, is_up: bool) {
        self.shared.is_up.send_replace(is_up);
    }

    /// Requests that reached the proxy while the line was up.
    pub fn requests(&self) -> u64 {
        *lock(&self.shared.requests)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The state of a SplitMix64 generator, so that a failing seed can be run again.
#[derive(Debug)]
struct BadLine(u64);

impl BadLine {
    fn draw(&mut self) -> Fault {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        let delay_ms = (z >> 8) % 60;
        match z % 18 {
            0 => Fault::LoseRequest,
            1 => Fault::LoseResponse,
            2 => Fault::CutResponse,
            3 => Fault::DelayMs(delay_ms),
            4 => Fault::Repeat,
            5 => Fault::RepeatLateMs(delay_ms),
            _ => Fault::None,
        }
    }
}

impl Shared {
    fn fault(&self) -> Fault {
        if let Some(fault) = lock(&self.next).pop_front() {
            return fault;
        }
        let mut bad_line = lock(&self.bad_line);
        bad_line.as_mut().map_or(Fault::None, BadLine::draw)
    }

    /// Carries one connection until the line goes down or either side ends it.
    async fn carry(&self, hall: TcpStream) {
        let mut is_up = self.is_up.subscribe();
        if !*is_up.borrow() {
            return;
        }
        tokio::select! {
            _ = is_up.wait_for(|is_up| !is_up) => {}
            _ = self.carry_requests(hall) => {}
        }
    }

    async fn carry_requests(&self, mut hall: TcpStream) -> Option<()> {
        let mut upstream = TcpStream::connect(self.upstream).await.ok()?;
        loop {
            let request = read_message(&mut hall).await?;
            *lock(&self.requests) += 1;
            let fault = self.fault();
            match fault {
                Fault::LoseRequest => return None,
                Fault::Nonsense => {
                    let page = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>";
                    hall.write_all(page).await.ok()?;
                    continue;
                }
                _ => {}
            }
            upstream.write_all(&request).await.ok()?;
            let response = read_message(&mut upstream).await?;
            match fault {
                Fault::LoseResponse => return None,
                Fault::CutResponse => {
                    hall.write_all(&response[..response.len() / 2]).await.ok()?;
                    return None;
                }
                Fault::DelayMs(delay_ms) => {
                    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                }
                Fault::Repeat => {
                    repeat(self.upstream, &request).await?;
                }
                Fault::RepeatLateMs(late_ms) => {
                    let (upstream, copy) = (self.upstream, request.clone());
                    // The copy arrives even when its sender has gone meanwhile.
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_millis(late_ms)).await;
                        repeat(upstream, &copy).await
                    });
                }
                _ => {}
            }
            hall.write_all(&response).await.ok()?;
        }
    }
}

/// Sends a copy of a request over a connection of its own.
async fn repeat(upstream: SocketAddr, request: &[u8]) -> Option<()> {
    let mut again = TcpStream::connect(upstream).await.ok()?;
    again.write_all(request).await.ok()?;
    read_message(&mut again).await.map(drop)
}
