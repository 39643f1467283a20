//! The feed: subscribes, decodes, and begins again after a gap or bytes that are no frame.

use gloo_timers::future::TimeoutFuture;
use leptos::logging;
use protocol::UiError;
use protocol::feed::Frame;
use wasm_bindgen_futures::spawn_local;

use super::transport::{self, Channel};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const COMMAND: &str = "subscribe_feed";
/// Pause before the next try when the shell refuses a subscription.
const RETRY_MS: u32 = 1000;

/// Whether the receiver could use the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Applied.
    Taken,
    /// A number is missing: a new snapshot is needed.
    Gap,
}

struct Feed {
    on_frame: Box<dyn Fn(Frame) -> Verdict>,
    on_error: Box<dyn Fn(Option<UiError>)>,
    /// Counts subscriptions; messages of an earlier one are thrown away.
    generation: Cell<u32>,
    channel: RefCell<Option<Channel>>,
    /// Frames taken of the running subscription.
    taken: Cell<u64>,
}

/// Subscribes for the rest of the window's life. `on_error` is told each failed try, and `None`
/// when a try succeeds. What is returned says how many frames were taken of the running subscription.
pub fn subscribe(
    on_frame: impl Fn(Frame) -> Verdict + 'static,
    on_error: impl Fn(Option<UiError>) + 'static,
) -> impl Fn() -> u64 {
    let feed = Rc::new(Feed {
        on_frame: Box::new(on_frame),
        on_error: Box::new(on_error),
        generation: Cell::new(0),
        channel: RefCell::new(None),
        taken: Cell::new(0),
    });
    spawn_local(open(Rc::clone(&feed)));
    move || feed.taken.get()
}

async fn open(feed: Rc<Feed>) {
    let generation = feed.generation.get().wrapping_add(1);
    feed.generation.set(generation);
    loop {
        feed.taken.set(0);
        let receiver = Rc::clone(&feed);
        let opened = transport::open_channel(COMMAND, move |bytes| {
            receive(&receiver, generation, &bytes);
        })
        .await;
        if feed.generation.get() != generation {
            // A gap was found before the call came back: a newer subscription is on its way.
            return;
        }
        match opened {
            Ok(channel) => {
                feed.channel.replace(Some(channel));
                (feed.on_error)(None);
                return;
            }
            Err(error) => {
                (feed.on_error)(Some(error));
                TimeoutFuture::new(RETRY_MS).await;
            }
        }
    }
}

fn receive(feed: &Rc<Feed>, generation: u32, bytes: &[u8]) {
    if feed.generation.get() != generation {
        return;
    }
    feed.taken.set(feed.taken.get() + 1);
    let verdict = match Frame::decode(bytes) {
        Ok(frame) => (feed.on_frame)(frame),
        Err(error) => {
            logging::error!("{error}");
            Verdict::Gap
        }
    };
    if verdict == Verdict::Gap {
        // Taken out of service at once; the next subscription starts after this message.
        feed.generation.set(generation.wrapping_add(1));
        let feed = Rc::clone(feed);
        spawn_local(async move {
            // A shell that keeps sending nonsense must not be asked in a tight loop.
            TimeoutFuture::new(100).await;
            open(feed).await;
        });
    }
}
