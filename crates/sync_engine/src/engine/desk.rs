//! Who sits at the desk: signing in and out, and the handover to the next officer.

use domain::duty::HandoverSheet;
use domain::trail::Officer;
use domain::{Intent, IntentKey, Proposal};
use protocol::http::SignIn;

use super::Engine;
use crate::outbox::OutboxError;
use crate::signing_in::{Authenticated, SignInError};

impl Engine {
    /// The officer at the desk.
    pub fn officer(&self) -> Option<Officer> {
        self.outbox.officer()
    }

    /// Signs an officer in, at the backend where it answers, and keeps the session on the disk.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Officer, SignInError> {
        let (session, pin) = self.sign_ins.authenticate(sign_in).await?.into_parts();
        let (officer, token) = (session.officer.clone(), session.token.clone());
        if let Err(error) = self.outbox.sign_in(session).await {
            self.let_go(token.filter(|_| pin.is_none()));
            return Err(error.into());
        }
        self.sign_ins.seated(&officer.id, pin);
        Ok(officer)
    }

    /// Makes sure of who that is, without seating anybody; the answer is to be handed to
    /// [`Self::hand_over`] or [`Self::release`].
    pub async fn authenticate(&self, sign_in: SignIn) -> Result<Authenticated, SignInError> {
        self.sign_ins.authenticate(sign_in).await
    }

    /// Lets go of somebody who does not come to the desk after all.
    pub fn release(&self, known: Authenticated) {
        self.let_go(known.into_fresh_token());
    }

    /// Queues the signatures of a handover and seats the incoming officer, in one write.
    pub async fn hand_over(
        &self,
        signatures: Vec<Proposal>,
        incoming: Authenticated,
    ) -> Result<(), OutboxError> {
        let (session, pin) = incoming.into_parts();
        let (officer, token) = (session.officer.id.clone(), session.token.clone());
        let is_fresh = pin.is_none();
        let taken = self.outbox.hand_over(signatures, session).await;
        if matches!(taken, Ok(true)) {
            self.sign_ins.seated(&officer, pin);
        } else {
            self.let_go(token.filter(|_| is_fresh));
        }
        taken.map(drop)
    }

    /// What was signed under the key, if it was.
    pub fn signed_handover(&self, key: IntentKey) -> Option<HandoverSheet> {
        let queued = self.outbox.intent_of(key).and_then(|intent| match intent {
            Intent::HandOver { sheet } => Some(*sheet),
            _ => None,
        });
        queued.or_else(|| {
            self.board.read(|picture| {
                let known = picture.situation.handovers.get(&key);
                known.map(|handover| handover.sheet.clone())
            })
        })
    }

    /// Leaves the desk empty; what is queued keeps its officer.
    pub async fn sign_out(&self) -> Result<(), OutboxError> {
        self.outbox.sign_out().await?;
        self.sign_ins.forget_idle();
        Ok(())
    }

    /// Has the backend end a session in which nobody has been seated.
    fn let_go(&self, token: Option<String>) {
        if let Some(token) = token {
            self.outbox.end_session(token);
        }
    }
}
