//! A desk's window that is open all the time and folds what its feed sends.

use domain::Situation;
use hall_api::{Feed, Hall};
use protocol::commands::WindowKind;
use protocol::feed::{Frame, Picture};

use super::PATIENCE;
use crate::feed::fold;

/// The window.
pub struct Window {
    feed: Feed,
    picture: Option<Picture>,
}

impl Window {
    pub fn open(hall: &Hall) -> Self {
        Self {
            feed: hall.subscribe(WindowKind::Desk),
            picture: None,
        }
    }

    /// Reads one frame.
    pub async fn next(&mut self) {
        let frame = self.feed.next_frame().await.expect("the hall runs");
        let frame = Frame::decode(&frame).expect("a frame");
        match &mut self.picture {
            Some(picture) => fold(picture, frame),
            None => match frame {
                Frame::Snapshot(picture) => self.picture = Some(*picture),
                Frame::Delta { .. } => panic!("a delta before the snapshot"),
            },
        }
    }

    /// Reads frames until the picture is as wanted.
    pub async fn until(&mut self, what: &str, is_so: impl Fn(&Picture) -> bool) {
        let waiting = async {
            while !self.picture.as_ref().is_some_and(&is_so) {
                self.next().await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        if waited.is_err() {
            let picture = self.picture.as_ref();
            let outbox = picture.into_iter().flat_map(|p| &p.outbox);
            let first: Vec<_> = outbox.take(3).collect();
            let line = picture.map(|p| &p.line);
            panic!("in vain waited until {what}; line {line:?}, first of the outbox {first:#?}");
        }
    }

    /// Reads the frames of some seconds at most until the situation is as wanted.
    pub async fn comes_to(&mut self, is_so: impl Fn(&Situation) -> bool) -> bool {
        for _ in 0..30 {
            if self.picture.as_ref().is_some_and(|p| is_so(&p.situation)) {
                return true;
            }
            self.next().await;
        }
        false
    }
}
