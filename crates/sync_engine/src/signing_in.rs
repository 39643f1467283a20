//! Signing in: at the backend where it answers, otherwise by what the hall knows of the PIN.
//!
//! Whoever has signed in without the line works under a session without a token. What is queued
//! under it waits until there is one: the hall signs in at the backend by itself as soon as the
//! line is back, with the PIN that it holds in memory for one shift and nowhere else. Without that
//! PIN (after a restart, or a longer outage) the officer is asked to sign in again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::trail::Officer;
use domain::{OfficerId, Timestamp};
use protocol::ErrorCode;
use protocol::feed::{LineState, NoticeKind};
use protocol::http::{SignIn, SignedIn};
use tokio::sync::{Notify, watch};

use crate::board::Board;
use crate::calls::Calls;
use crate::client::CallError;
use crate::clock::Clock;
use crate::outbox::{Outbox, OutboxError};
use crate::pins::{self, HELD_MS, Pin};
use crate::store::sessions::Session;
use crate::store::verifiers::Verifier;

/// Why an officer could not be signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The backend could not be asked, or says no.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Nothing could be put on the disk.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// There is no line, and the hall does not know the officer's PIN.
    #[error("{officer} has not signed in here with the line before: {why}")]
    NotKnownHere {
        /// Who.
        officer: OfficerId,
        /// Why the backend was not asked.
        why: String,
    },
    /// There is no line, and the backend confirmed the PIN too long ago.
    #[error("{officer} signed in here with the line last on {}: {why}", .confirmed_at.local_ymd())]
    ConfirmedTooLongAgo {
        /// Who.
        officer: OfficerId,
        /// When the backend confirmed the PIN.
        confirmed_at: Timestamp,
        /// Why the backend was not asked.
        why: String,
    },
    /// There is no line, and the PIN is wrong.
    #[error("the PIN is wrong")]
    WrongPin,
    /// There is no line, and the PIN was wrong too often.
    #[error("too many wrong PINs: try again in {} s", .wait_ms / 1_000 + 1)]
    Wait {
        /// How long, in milliseconds.
        wait_ms: i64,
    },
}

/// An officer of whom the hall has made sure, and who does not sit at the desk yet.
#[derive(Debug)]
pub struct Authenticated {
    /// The session; it has a token where the backend gave one.
    pub session: Session,
    /// The PIN that is held until the backend has given one.
    pin: Option<Pin>,
}

/// A PIN in memory.
#[derive(Debug)]
struct Held {
    pin: Pin,
    /// On the steady clock, which goes on while the machine sleeps.
    since: Duration,
}

/// Who is let in, and who still has to be signed in at the backend.
#[derive(Debug)]
pub struct SignIns {
    calls: Arc<dyn Calls>,
    outbox: Arc<Outbox>,
    board: Arc<Board>,
    clock: Arc<dyn Clock>,
    backend: String,
    link: watch::Receiver<bool>,
    /// Whether anything is kept of a PIN; without it nobody signs in without the line.
    keeps_verifiers: bool,
    /// One try after the other, so that tries at the same time all count.
    gate: tokio::sync::Mutex<()>,
    held: Mutex<BTreeMap<OfficerId, Held>>,
    new_pin: Notify,
}

impl Authenticated {
    /// The session to seat, and the PIN to hold once that is done.
    pub fn into_parts(self) -> (Session, Option<Pin>) {
        (self.session, self.pin)
    }

    /// The token of the session that the backend has begun for this, where nobody is seated in it. One
    /// that was kept may be in use.
    pub fn into_fresh_token(self) -> Option<String> {
        self.session.token.filter(|_| self.pin.is_none())
    }
}

impl SignIns {
    /// Signing in over the stores and the line of one hall.
    pub fn new(
        calls: Arc<dyn Calls>,
        outbox: Arc<Outbox>,
        board: Arc<Board>,
        clock: Arc<dyn Clock>,
        backend: String,
        link: watch::Receiver<bool>,
        keeps_verifiers: bool,
    ) -> Self {
        Self {
            calls,
            outbox,
            board,
            clock,
            backend,
            link,
            keeps_verifiers,
            gate: tokio::sync::Mutex::new(()),
            held: Mutex::default(),
            new_pin: Notify::new(),
        }
    }

    /// Makes sure of who that is, without seating anybody.
    pub async fn authenticate(&self, sign_in: SignIn) -> Result<Authenticated, SignInError> {
        let SignIn { officer, pin } = sign_in;
        let pin = Pin::new(pin);
        let knows = self.outbox.verifier(&officer).is_some();
        let why = if !*self.link.borrow() {
            "the line is switched off".to_owned()
        } else if knows && self.board.read(|p| p.line.state == LineState::Offline) {
            // Nobody waits for a line that is known to be down; it is used as soon as it is back.
            self.board.read(|p| p.line.detail.clone())
        } else {
            match self.ask(&officer, &pin).await {
                Ok(signed_in) => {
                    let token = signed_in.token.clone();
                    let confirmed = self.confirmed(signed_in, &pin).await;
                    if confirmed.is_err() {
                        self.outbox.end_session(token);
                    }
                    let session = confirmed?;
                    return Ok(Authenticated { session, pin: None });
                }
                Err(error) if is_no_line(&error) && self.keeps_verifiers => error.to_string(),
                Err(error) => return Err(error.into()),
            }
        };
        let officer = self.recognise(&officer, &pin, why).await?;
        let now = self.board.now();
        Ok(Authenticated {
            session: self.outbox.session_without_line(officer, now),
            pin: Some(pin),
        })
    }

    /// Holds the PIN of an officer who sits at the desk now without a token, and lets go of those that
    /// nothing waits for any more.
    pub fn seated(&self, officer: &OfficerId, pin: Option<Pin>) {
        match pin {
            Some(pin) => {
                let since = self.clock.steady();
                self.lock_held()
                    .insert(officer.clone(), Held { pin, since });
            }
            None => drop(self.lock_held().remove(officer)),
        }
        self.forget_idle();
        self.new_pin.notify_one();
    }

    async fn ask(&self, officer: &OfficerId, pin: &Pin) -> Result<SignedIn, CallError> {
        let sign_in = SignIn {
            officer: officer.clone(),
            pin: pin.as_str().to_owned(),
        };
        let answer = self.calls.sign_in(&sign_in).await;
        drop(Pin::new(sign_in.pin));
        answer
    }

    /// Keeps a verifier of a PIN that the backend has just confirmed.
    async fn confirmed(&self, signed_in: SignedIn, pin: &Pin) -> Result<Session, SignInError> {
        if self.keeps_verifiers {
            let now = self.board.now();
            let pin = pin.clone();
            let hash = tokio::task::spawn_blocking(move || pins::hash(pin.as_str())).await;
            if let Ok(Some(pin_hash)) = hash {
                let verifier = Verifier {
                    backend: self.backend.clone(),
                    officer: signed_in.officer.clone(),
                    pin_hash,
                    credential: signed_in.credential,
                    confirmed_at: now,
                    wrong: 0,
                    last_try_at: now,
                };
                self.outbox.keep_verifier(verifier).await?;
            }
        }
        Ok(Session {
            backend: self.backend.clone(),
            officer: signed_in.officer,
            token: Some(signed_in.token),
            expires_at: signed_in.expires_at,
            signed_in: true,
        })
    }

    /// Looks at a PIN without the line. The try is counted on the disk before the PIN is looked at,
    /// so that neither a restart nor a crash gives another one.
    async fn recognise(
        &self,
        officer: &OfficerId,
        pin: &Pin,
        why: String,
    ) -> Result<Officer, SignInError> {
        let _one_at_a_time = self.gate.lock().await;
        let officer = officer.clone();
        let Some(mut verifier) = self.outbox.verifier(&officer) else {
            return Err(SignInError::NotKnownHere { officer, why });
        };
        let now = self.board.now();
        if pins::is_too_old(verifier.confirmed_at, now) {
            // It stays: without the line nobody knows that the clock is right which says so.
            return Err(SignInError::ConfirmedTooLongAgo {
                officer,
                confirmed_at: verifier.confirmed_at,
                why,
            });
        }
        if let Some(wait_ms) = pins::wait_ms(verifier.wrong, verifier.last_try_at, now) {
            return Err(SignInError::Wait { wait_ms });
        }
        verifier.wrong = verifier.wrong.saturating_add(1);
        verifier.last_try_at = now;
        self.outbox.keep_verifier(verifier.clone()).await?;
        let (pin, hash) = (pin.clone(), verifier.pin_hash.clone());
        let looked = tokio::task::spawn_blocking(move || pins::is_right(pin.as_str(), &hash));
        if !looked.await.unwrap_or(false) {
            return Err(SignInError::WrongPin);
        }
        verifier.wrong = 0;
        self.outbox.keep_verifier(verifier.clone()).await?;
        Ok(verifier.officer)
    }

    fn lock_held(&self) -> MutexGuard<'_, BTreeMap<OfficerId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of the PINs of those who have left, of those from the shift before, and of those that
    /// the backend has said to be void. Whoever has a token keeps the PIN as well: a backend that was
    /// restored meanwhile does not know the token.
    pub fn forget_idle(&self) {
        let at_work = self.outbox.at_work();
        let now = self.clock.steady();
        let longest = Duration::from_millis(HELD_MS.unsigned_abs());
        self.lock_held().retain(|officer, held| {
            at_work.contains(officer)
                && now.saturating_sub(held.since) < longest
                && self.outbox.verifier(officer).is_some()
        });
    }

    /// Signs in at the backend, whenever the line comes back or a token is refused, whoever works
    /// without one; until the task is aborted.
    pub async fn run(self: Arc<Self>, rest: Duration) {
        let mut is_to_be_said = true;
        loop {
            let is_news = tokio::select! {
                biased;
                () = self.outbox.line_came_up() => true,
                () = self.outbox.token_was_refused() => true,
                () = self.new_pin.notified() => false,
                () = self.outbox.session_ended() => false,
                () = tokio::time::sleep(rest), if self.has_more_to_do() => false,
            };
            is_to_be_said |= is_news;
            if self.outbox.is_line_up() {
                self.rejoin().await;
                self.end_sessions().await;
                if is_to_be_said {
                    self.ask_the_others();
                    is_to_be_said = false;
                }
            } else {
                self.forget_idle();
            }
        }
    }

    /// Ends the sessions that nobody needs any more; what the backend could not be told now is said
    /// later.
    async fn end_sessions(&self) {
        for token in self.outbox.take_ended() {
            match self.calls.sign_out(&token).await {
                Err(error) if is_no_line(&error) => {
                    tracing::info!(%error, "the backend was not told that a session has ended");
                    self.outbox.end_session_later(token);
                }
                // One that the backend does not know has ended.
                Ok(()) | Err(_) => {}
            }
        }
    }

    /// Whether anything is to be tried again after a rest.
    fn has_more_to_do(&self) -> bool {
        !self.lock_held().is_empty() || self.outbox.owes_ends()
    }

    async fn rejoin(&self) {
        self.forget_idle();
        let without_token = self.outbox.without_token();
        let due: Vec<(OfficerId, Pin)> = self
            .lock_held()
            .iter()
            .filter(|(officer, _)| without_token.contains(officer))
            .map(|(officer, held)| (officer.clone(), held.pin.clone()))
            .collect();
        for (officer, pin) in due {
            match self.ask(&officer, &pin).await {
                Ok(signed_in) => {
                    let token = signed_in.token.clone();
                    let taken = match self.confirmed(signed_in, &pin).await {
                        Ok(session) => self.outbox.take_token(session).await.map_err(Into::into),
                        Err(error) => Err(error),
                    };
                    // The PIN stays until the token is on the disk, which may be full now and not
                    // a minute later.
                    if taken.is_ok() {
                        self.lock_held().remove(&officer);
                    }
                    if let Err(error) = &taken {
                        tracing::error!(%error, %officer, "a token could not be kept");
                    }
                    if !matches!(taken, Ok(true)) {
                        self.calls.sign_out(&token).await.ok();
                    }
                }
                Err(CallError::Refused(problem)) => {
                    tracing::warn!(%officer, ?problem, "the backend does not let the officer in");
                    self.lock_held().remove(&officer);
                    if problem.code == ErrorCode::WrongPin {
                        self.tell(NoticeKind::SignInAgain, &[officer]);
                    }
                }
                Err(error) => tracing::info!(%error, %officer, "signing in is tried again later"),
            }
        }
    }

    /// Says who has to sign in again, so that what they have queued can go out.
    fn ask_the_others(&self) {
        let held: Vec<OfficerId> = self.lock_held().keys().cloned().collect();
        let mut waiting: Vec<OfficerId> = self.outbox.without_token().into_iter().collect();
        waiting.retain(|officer| !held.contains(officer));
        waiting.sort_unstable();
        if !waiting.is_empty() {
            self.tell(NoticeKind::SignInAgain, &waiting);
        }
    }

    fn tell(&self, kind: NoticeKind, officers: &[OfficerId]) {
        let names: Vec<&str> = officers.iter().map(OfficerId::as_str).collect();
        self.board.notify(kind, names.join(", "));
    }
}

/// Whether the error says nothing about the PIN, because no backend of ours has looked at it.
fn is_no_line(error: &CallError) -> bool {
    match error {
        CallError::Unreachable { .. }
        | CallError::Nonsense(_)
        | CallError::OtherProtocol { .. } => true,
        CallError::Busy { code, .. } => *code != Some(ErrorCode::TooManyAttempts),
        CallError::Refused(_) => false,
    }
}
