//! What the phones send: receipts and reports in their order, positions as the newest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::PersonId;
use protocol::http::NewPosition;
use protocol::http::{FieldReceipt, NewReport};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::gateway::{Gateway, GatewayError};

/// Longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// Positions in one request.
const BATCH: usize = 400;

/// Something that must arrive.
pub enum Outgoing {
    /// How an order stands.
    Receipt(FieldReceipt),
    /// A new matter.
    Report(NewReport),
}

/// Sends in the background; its tasks end with the set they were started in.
pub struct Outbox {
    queue: mpsc::UnboundedSender<Outgoing>,
    positions: Arc<Positions>,
}

#[derive(Default)]
struct Positions {
    newest: Mutex<BTreeMap<PersonId, NewPosition>>,
    wake: Notify,
}

impl Positions {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<PersonId, NewPosition>> {
        // The map is whole after every insert, so a panic elsewhere leaves it usable.
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox {
    /// Starts sending.
    pub fn start(gateway: Gateway, tasks: &mut JoinSet<()>) -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        let positions = Arc::new(Positions::default());
        tasks.spawn(send_in_order(gateway.clone(), waiting));
        tasks.spawn(send_positions(gateway, Arc::clone(&positions)));
        Self { queue, positions }
    }

    /// Queues something that must arrive.
    pub fn send(&self, outgoing: Outgoing) {
        if self.queue.send(outgoing).is_err() {
            tracing::warn!("the field's outbox has ended");
        }
    }

    /// Keeps positions for the next flush; a newer one takes the place of an older.
    pub fn add_positions(&self, fixes: Vec<NewPosition>) {
        let mut newest = self.positions.lock();
        for fix in fixes {
            newest.insert(fix.person, fix);
        }
    }

    /// Sends the positions kept.
    pub fn flush_positions(&self) {
        self.positions.wake.notify_one();
    }
}

/// One after the other, each until it has arrived or is refused for good.
async fn send_in_order(gateway: Gateway, mut waiting: mpsc::UnboundedReceiver<Outgoing>) {
    while let Some(outgoing) = waiting.recv().await {
        let mut pause = Duration::from_millis(500);
        loop {
            let sent: Result<(), GatewayError> = match &outgoing {
                Outgoing::Receipt(receipt) => gateway.receipt(receipt).await,
                Outgoing::Report(report) => gateway.report(report).await,
            };
            match sent {
                Ok(()) => break,
                Err(error) if error.is_passing() => {
                    tracing::debug!(%error, "the field tries again");
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => {
                    tracing::warn!(%error, "the backend refused what the field sent");
                    break;
                }
            }
        }
    }
}

/// Positions are lossy: what could not be sent is overtaken by the next.
async fn send_positions(gateway: Gateway, positions: Arc<Positions>) {
    loop {
        positions.wake.notified().await;
        let fixes: Vec<NewPosition> = std::mem::take(&mut *positions.lock())
            .into_values()
            .collect();
        for batch in fixes.chunks(BATCH) {
            if let Err(error) = gateway.positions(batch).await {
                tracing::debug!(%error, "positions were lost");
            }
        }
    }
}
