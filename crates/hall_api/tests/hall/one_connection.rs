//! A hall behind a server with TLS that speaks HTTP/2: all its calls share one connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::Request;
use axum::http::Version;
use axum::middleware::{Next, from_fn};
use domain::OrderState;
use hall_api::Hall;
use protocol::commands::SetLink;
use protocol::feed::LineState;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use testkit::builders::key;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::harness::{Street, config, order, sign_in, state_of, until, until_line};

/// Takes connections with TLS and counts them.
struct Counting {
    listener: TcpListener,
    tls: TlsAcceptor,
    taken: Arc<AtomicUsize>,
}

impl axum::serve::Listener for Counting {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, from) = self.listener.accept().await.expect("a connection");
            if let Ok(stream) = self.tls.accept(stream).await {
                self.taken.fetch_add(1, Ordering::SeqCst);
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A certificate for this machine, which nobody but the test trusts, and what serves under it.
fn certificate() -> (Vec<u8>, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("it is made");
    let private = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the versions are known")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::Pkcs8(private))
        .expect("it fits its key");
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (made.cert.pem().into_bytes(), Arc::new(server).into())
}

#[tokio::test]
async fn all_calls_of_a_hall_share_one_connection_where_http_2_is_spoken() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let mut incidents = Vec::new();
    for number in 1..=12 {
        incidents.push(street.report(number).await);
    }
    let (pem, tls) = certificate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::new(AtomicUsize::new(0));
    let front = Counting {
        listener,
        tls,
        taken: Arc::clone(&taken),
    };
    let old_calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&old_calls);
    let look = move |request: Request, next: Next| {
        let is_old = request.version() != Version::HTTP_2;
        counter.fetch_add(usize::from(is_old), Ordering::SeqCst);
        next.run(request)
    };
    let router = street.backend.router().layer(from_fn(look));
    tokio::spawn(async move { axum::serve(front, router).await });

    let mut config = config(&street, dir.path());
    config.backend_url = format!("https://localhost:{port}");
    config.backend_ca_pem = Some(pem);
    let hall = Hall::open(config).unwrap();
    hall.start();
    until(&hall, "the matters are shown", |p| {
        p.line.state == LineState::Online && p.situation.incidents.len() == incidents.len()
    })
    .await;
    sign_in(&hall).await;
    hall.set_link(SetLink { enabled: false }).await.unwrap();
    until_line(&hall, LineState::SwitchedOff).await;
    for (incident, number) in incidents.iter().zip(1..) {
        hall.send_order(order(key(number), *incident, 1 + (number % 5) as u32))
            .await
            .unwrap();
    }
    let before = taken.load(Ordering::SeqCst);
    assert_eq!(before, 1, "greeting, snapshot, changes and positions");
    hall.set_link(SetLink { enabled: true }).await.unwrap();
    until(&hall, "all orders have arrived", |p| {
        let mut keys = (1..=12).map(key);
        p.outbox.is_empty() && keys.all(|key| state_of(p, key) == Some(OrderState::Sent))
    })
    .await;
    assert!(taken.load(Ordering::SeqCst) <= 2, "one after the switch");
    assert_eq!(old_calls.load(Ordering::SeqCst), 0);
    hall.shutdown().await;
}
