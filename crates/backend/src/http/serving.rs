//! Accepts connections and keeps them within bounds: how many, how long a head may take, and how
//! they end.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::caller::Terminal;
use super::lingering::Lingering;
use super::{App, router};

/// Connections at the same time. A hall that comes back has two for its polls, one for its greeting
/// and up to eight for what it has queued: 2,200 for 200 halls, and there is the field.
pub(crate) const MOST_CONNECTIONS: usize = 4_096;
/// A connection that sends no whole head for so long is closed. Clients keep idle connections for
/// 90 seconds, and it is better that they close them than we.
const HEAD_TIMEOUT: Duration = Duration::from_mins(2);
/// Pause after the system refuses a connection, for want of file handles as a rule.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(100);

/// Answers until the backend is stopped and all open requests are answered.
pub(crate) async fn serve(listener: TcpListener, shared: App) -> std::io::Result<()> {
    let mut stopping = shared.stopping.subscribe();
    let router = router(shared);
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let ending = GracefulShutdown::new();
    loop {
        let accept = async {
            // The semaphore is never closed, so that only its permit matters.
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            accepted = accept => accepted,
            // Without the sender there is no backend left to serve.
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        match accepted {
            Ok((connection, peer)) => {
                let router = router.clone().layer(Extension(Terminal::of(peer)));
                // Answers are small and waited for; a kernel that refuses loses only some milliseconds.
                connection.set_nodelay(true).ok();
                let connection = Lingering::new(connection, permit.ok());
                tokio::spawn(answer(connection, router, &ending));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(PAUSE_AFTER_REFUSAL).await;
            }
        }
    }
    drop(listener);
    ending.shutdown().await;
    Ok(())
}

/// Answers the requests of one connection.
fn answer(
    connection: Lingering,
    router: axum::Router,
    ending: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + use<> {
    let answering = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(connection), TowerToHyperService::new(router));
    let watched = ending.watch(answering);
    async move {
        if let Err(error) = watched.await {
            // A hall that goes away in the middle of an answer is an everyday matter.
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
