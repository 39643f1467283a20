//! The beat: tells the shell every second that this window is alive.

use gloo_timers::future::TimeoutFuture;
use leptos::logging;
use protocol::commands::Beat;
use wasm_bindgen_futures::spawn_local;

use super::call;

const PERIOD_MS: u32 = 1000;

/// Beats for the rest of the window's life with the figures of the moment.
pub fn start(figures: impl Fn() -> Beat + 'static) {
    spawn_local(async move {
        let mut refused_before = false;
        loop {
            let refused = call(figures()).await.err();
            if let (Some(error), false) = (&refused, refused_before) {
                logging::warn!("the shell does not take the beat: {error}");
            }
            refused_before = refused.is_some();
            TimeoutFuture::new(PERIOD_MS).await;
        }
    });
}
