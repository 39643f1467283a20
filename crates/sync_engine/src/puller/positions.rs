//! Positions on their way from the backend to disk and screen.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::PersonId;
use protocol::feed::PictureChange;
use protocol::http::Positions;

use super::Trouble;
use crate::backoff::{Jitter, pause};
use crate::board::Board;
use crate::calls::Calls;
use crate::pace::Pace;
use crate::store::CacheStore;

/// Follows positions. They are lossy: the newest wins and a failure is only tried again, because
/// the other poll finds out how the line is.
pub(super) async fn follow_positions(
    client: Arc<dyn Calls>,
    cache: Arc<dyn CacheStore>,
    board: Arc<Board>,
    stage: Arc<tokio::sync::Mutex<()>>,
    jitter: Arc<Jitter>,
    pace: Pace,
) -> Trouble {
    let mut cursor = 0;
    let mut failures = 0;
    loop {
        let rest = match client.positions(cursor).await {
            Ok(positions) => {
                failures = 0;
                cursor = positions.cursor;
                // A snapshot must not come between disk and screen: it would bring back to the
                // screen what the disk had before.
                let _whole = stage.lock().await;
                let gone = gone(&board, &positions);
                if !positions.fixes.is_empty() || !gone.is_empty() {
                    let fixes = positions.fixes;
                    if let Err(error) = cache.locate(gone.clone(), fixes.clone()).await {
                        return error.into();
                    }
                    board.publish([
                        PictureChange::PositionsGone(gone),
                        PictureChange::Positions(fixes),
                    ]);
                }
                pace.position_pause
            }
            Err(error) => {
                tracing::debug!(%error, "positions are not to be had at the moment");
                failures += 1;
                let (first, longest) = (pace.first_backoff, pace.longest_line_backoff);
                pause(failures, first, longest, jitter.next())
            }
        };
        tokio::time::sleep(rest).await;
    }
}

/// Who is shown and may no longer be.
fn gone(board: &Board, answer: &Positions) -> Vec<PersonId> {
    if !answer.is_whole {
        return answer.gone.clone();
    }
    let there: BTreeSet<PersonId> = answer.fixes.iter().map(|fix| fix.person).collect();
    board.read(|picture| {
        let shown = picture.situation.positions.keys();
        shown.filter(|p| !there.contains(p)).copied().collect()
    })
}
