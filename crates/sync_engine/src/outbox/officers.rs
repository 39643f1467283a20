//! Officers and their sessions: who sits at the desk, and under whose token what is queued goes out.

use std::sync::Arc;

use domain::OfficerId;
use protocol::feed::PictureChange;

use super::{Outbox, OutboxError, finish};
use crate::store::sessions::Session;

impl Outbox {
    /// Stores a session and seats its officer at the desk.
    pub async fn sign_in(self: &Arc<Self>, session: Session) -> Result<(), OutboxError> {
        let outbox = Arc::clone(self);
        finish(tokio::spawn(async move {
            let _gate = outbox.gate.lock().await;
            outbox.db.sign_in(session.clone()).await?;
            {
                let mut state = outbox.state();
                for other in state.sessions.values_mut() {
                    other.signed_in = false;
                }
                state.rejected.remove(&session.officer.id);
                state.queue.forgive(&session.officer.id);
                state
                    .sessions
                    .insert(session.officer.id.clone(), session.clone());
            }
            outbox.forget_idle_sessions().await;
            outbox.board.publish([
                PictureChange::Officer(Some(session.officer)),
                PictureChange::Outbox(Vec::new()),
            ]);
            outbox.wake.notify_one();
            Ok(())
        }))
        .await
    }

    /// Leaves the desk empty; what is queued keeps its officer. Returns the token of a session
    /// that nothing waits for, so that the backend can be told to end it.
    pub async fn sign_out(self: &Arc<Self>) -> Result<Option<String>, OutboxError> {
        let outbox = Arc::clone(self);
        finish(tokio::spawn(async move {
            let _gate = outbox.gate.lock().await;
            outbox.db.sign_out(outbox.backend.clone()).await?;
            let left = {
                let mut state = outbox.state();
                let seated = state.sessions.values_mut().find(|s| s.signed_in);
                seated.map(|session| {
                    session.signed_in = false;
                    (session.officer.id.clone(), session.token.clone())
                })
            };
            outbox.forget_idle_sessions().await;
            outbox.board.publish([PictureChange::Officer(None)]);
            let state = outbox.state();
            Ok(left
                .filter(|(officer, _)| !state.sessions.contains_key(officer))
                .map(|(_, token)| token))
        }))
        .await
    }

    /// A token is kept only as long as its officer sits at the desk or has something queued.
    pub(super) async fn forget_idle_sessions(&self) {
        let idle: Vec<OfficerId> = {
            let state = self.state();
            let waiting = state.queue.officers();
            state
                .sessions
                .values()
                .filter(|s| !s.signed_in && !waiting.contains(&s.officer.id))
                .map(|s| s.officer.id.clone())
                .collect()
        };
        for officer in idle {
            let forgotten = self
                .db
                .forget_session(self.backend.clone(), officer.clone())
                .await;
            if let Err(error) = forgotten {
                tracing::warn!(%error, "an idle session stays on the disk");
            }
            self.state().sessions.remove(&officer);
        }
    }
}
