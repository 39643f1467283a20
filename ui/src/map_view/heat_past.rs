//! Asks the backend for those reports of the heat map's window that this hall no longer holds.

use gloo_timers::future::TimeoutFuture;
use leptos::logging;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::commands::GetReports;
use protocol::feed::LineState;

use super::control::MapControl;
use crate::bindings::call;
use crate::state::heat::{self, Past};
use crate::state::{HallContext, Slice};

/// Pause before the backend is asked again where it could not answer.
const AGAIN_MS: u32 = 30_000;

/// Keeps what the backend has told of the chosen window. Without a line nothing is asked, and the
/// legend says from when on the hall knows everything.
pub fn follow_window(hall: HallContext, control: MapControl) {
    let tries = RwSignal::new(0_u32);
    let wanted = hall.memo(&[Slice::Line, Slice::Second], move |hall, _, now| {
        let window = control.heat.get()?;
        heat::wanted(window, now).filter(|_| hall.line.state == LineState::Online)
    });
    Effect::new(move |_| {
        tries.track();
        let Some(span) = wanted.get() else {
            return;
        };
        spawn_local(async move {
            let (from, until) = span;
            let answer = call(GetReports { from, until }).await;
            // A slower answer must not undo a later choice.
            if wanted.try_get_untracked() != Some(Some(span)) {
                return;
            }
            match answer {
                Ok(told) => control.heat_past.set(Some(Past::new(span, told))),
                Err(error) => {
                    logging::warn!("earlier reports are not known: {}", error.message);
                    if error.retryable {
                        TimeoutFuture::new(AGAIN_MS).await;
                        tries.update(|tries| *tries = tries.wrapping_add(1));
                    }
                }
            }
        });
    });
}
