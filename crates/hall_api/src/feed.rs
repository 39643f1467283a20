//! The feed of one window: numbered frames, coalesced, and masked for a wall.

use std::time::Duration;

use protocol::commands::WindowKind;
use protocol::feed::{Frame, PictureChange};
use sync_engine::board::{Look, Subscription};
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

use crate::masking::{mask_change, mask_picture};
use crate::walls::WallPresence;

/// Shortest time between two frames.
const FRAME_PAUSE: Duration = Duration::from_millis(100);
/// A window hears from the hall at least this often, so that its clock and the age of its data go on.
const PULSE: Duration = Duration::from_secs(1);

/// The feed of one window: frames of [`Frame`], a snapshot first.
#[derive(Debug)]
pub struct Feed {
    subscription: Subscription,
    window: WindowKind,
    number: u64,
    /// Made at the first frame, because only then a runtime is sure to be there.
    pace: Option<Interval>,
    rested: bool,
    /// Counts this feed among the walls for as long as it lives.
    _wall: Option<WallPresence>,
}

impl Feed {
    pub(crate) fn new(
        subscription: Subscription,
        window: WindowKind,
        wall: Option<WallPresence>,
    ) -> Self {
        Self {
            subscription,
            window,
            number: 0,
            pace: None,
            rested: false,
            _wall: wall,
        }
    }

    /// The next frame, ready to be sent; `None` when the hall has shut down. At most ten frames
    /// a second, at least one. Dropping the future loses nothing.
    ///
    /// A window that asks too rarely gets a snapshot instead of the changes it missed.
    pub async fn next_frame(&mut self) -> Option<Vec<u8>> {
        loop {
            self.rest().await;
            let is_pulse = timeout(PULSE, self.subscription.changed()).await.is_err();
            let frame = match self.subscription.look() {
                Look::Closed => return None,
                Look::Unchanged if is_pulse => self.delta(Vec::new()),
                Look::Unchanged => continue,
                Look::Picture(mut picture) => {
                    self.number = 0;
                    if self.window == WindowKind::Wall {
                        mask_picture(&mut picture);
                    }
                    Frame::Snapshot(picture)
                }
                Look::Changes(changes) => self.delta(changes),
            };
            self.rested = false;
            match frame.encode() {
                Ok(bytes) => return Some(bytes),
                // Every frame is built from plain values, so this is a fault of the program; the
                // window sees the gap in the numbers and subscribes again.
                Err(error) => tracing::error!(%error, "a frame could not be packed"),
            }
        }
    }

    async fn rest(&mut self) {
        if self.rested {
            return;
        }
        let pace = self.pace.get_or_insert_with(|| {
            let mut pace = interval(FRAME_PAUSE);
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pace
        });
        pace.tick().await;
        self.rested = true;
    }

    /// A numbered delta; it always ends with the line, whose age moves with every contact.
    fn delta(&mut self, mut changes: Vec<PictureChange>) -> Frame {
        changes.retain(|change| !matches!(change, PictureChange::Line(_)));
        if self.window == WindowKind::Wall {
            changes = changes.into_iter().filter_map(mask_change).collect();
        }
        let board = self.subscription.board();
        changes.push(PictureChange::Line(
            board.read(|picture| picture.line.clone()),
        ));
        self.number += 1;
        Frame::Delta {
            number: self.number,
            now: board.now(),
            changes,
        }
    }
}
