//! The line of one hall to the backend: it loses, repeats, delays and reorders, is cut, and comes
//! back. Each call has a fate of its own, so answers overtake each other.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::{IntentKey, Proposal};
use protocol::ErrorCode;
use protocol::Reference;
use protocol::http::{
    Changes, Hello, LogId, LogPlace, OfficerStanding, Positions, Problem, Receipt, SignIn,
    SignedIn, Snapshot,
};
use sync_engine::Pace;
use sync_engine::calls::{Call, Calls};
use sync_engine::client::CallError;

use crate::authority::Authority;
use crate::dice::Dice;
use crate::life::Life;
use crate::manners::{Answer, Ended};
use crate::sessions::Sessions;
use crate::world::{News, Road, World};

/// A question to the backend.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Who is there?
    Hello,
    /// Everything, for who has come to a place already or to none.
    Snapshot(Option<LogPlace>),
    /// The reference data.
    Reference,
    /// What follows a place, and how long to wait while there is nothing.
    Changes(LogPlace, Duration),
    /// Positions after a cursor.
    Positions(u64),
    /// A session.
    SignIn(SignIn),
    /// How the officers of the hall stand.
    Officers(usize),
    /// The end of a session.
    SignOut(String),
    /// A proposal.
    Propose(Box<Sent>),
}

impl fmt::Display for Ask {
    /// For the history of a run, so without the identity of the log, which is another in each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello => write!(f, "who is there"),
            Self::Snapshot(known) => {
                let known = known.as_ref().map(|place| place.cursor);
                write!(f, "for everything, knowing {known:?}")
            }
            Self::Reference => write!(f, "for the reference data"),
            Self::Changes(after, wait) => {
                write!(f, "for changes after {} within {wait:?}", after.cursor)
            }
            Self::Positions(after) => write!(f, "for positions after {after}"),
            Self::SignIn(who) => write!(f, "for a session of {}", who.officer),
            Self::Officers(hall) => write!(f, "for the officers of {hall}"),
            Self::SignOut(token) => write!(f, "for the end of {token}"),
            Self::Propose(sent) => write!(f, "for {} under {}", sent.key(), sent.token),
        }
    }
}

/// A proposal with the token of its officer, and the log that the backend must be writing.
#[derive(Debug, Clone)]
pub struct Sent {
    proposal: Proposal,
    token: String,
    log: Option<LogId>,
}

impl Sent {
    /// The key of the intent.
    pub const fn key(&self) -> IntentKey {
        self.proposal.key
    }

    fn arrive(&self, authority: &Authority) -> Result<Receipt, Problem> {
        authority.propose(&self.proposal, &self.token, self.log.as_ref())
    }
}

#[derive(Debug)]
enum Told {
    Hello(Hello),
    Snapshot(Box<Snapshot>),
    Reference(Box<Reference>),
    Changes(Changes),
    Positions(Positions),
    SignedIn(Box<SignedIn>),
    Officers(Vec<OfficerStanding>),
    SignedOut,
    Receipt(Receipt),
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello(hello) => write!(f, "that it is {:?}", hello.now),
            Self::Snapshot(all) => write!(f, "everything up to {}", all.cursor),
            Self::Reference(reference) => write!(f, "version {}", reference.version),
            Self::Changes(told) => write!(f, "{:?} of {}", told.changes, told.newest),
            Self::Positions(told) => write!(f, "{told:?}"),
            Self::SignedIn(session) => write!(f, "{}", session.token),
            Self::Officers(standings) => write!(f, "{standings:?}"),
            Self::SignedOut => write!(f, "nothing"),
            Self::Receipt(receipt) => write!(f, "{receipt:?}"),
        }
    }
}

/// The line of one process of a hall.
#[derive(Debug)]
pub struct Line {
    hall: usize,
    world: Arc<World>,
    life: Life,
    dice: Dice,
    pace: Pace,
    sessions: Arc<Sessions>,
}

impl Line {
    /// A line for as long as the process lives.
    pub const fn new(
        hall: usize,
        world: Arc<World>,
        life: Life,
        dice: Dice,
        pace: Pace,
        sessions: Arc<Sessions>,
    ) -> Self {
        Self {
            hall,
            world,
            life,
            dice,
            pace,
            sessions,
        }
    }

    async fn ask(&self, ask: Ask) -> Result<Told, CallError> {
        self.life.or_never().await;
        self.world.tell(self.hall, format_args!("asks {ask}"));
        let process = self.world.traffic(|traffic| traffic.begin(self.hall, &ask));
        let _counted = Counted(self, process);
        if let Ask::Propose(sent) = &ask {
            let authority = &self.world.authority;
            authority.ledger(|ledger| ledger.tried(&sent.proposal.intent, sent.proposal.key));
        }
        let patience = self.patience(&ask);
        let asked = ask.to_string();
        let ended = Ended::of(&ask);
        let told = tokio::time::timeout(patience, self.travel(ask)).await;
        self.life.or_never().await;
        let told = told.unwrap_or_else(|_| Err(unreachable("no answer in time", false)));
        let answer = match &told {
            Ok(_) => Answer::Given,
            Err(error) if is_failure(error) => Answer::Failed,
            Err(_) => Answer::Refused,
        };
        let ended = ended.map(|ended| ended.with(answer));
        self.world
            .traffic(|traffic| traffic.answered(self.hall, ended));
        match &told {
            Ok(told) => {
                self.world
                    .tell(self.hall, format_args!("asked {asked} and is told {told}"));
            }
            Err(error) => {
                self.world
                    .tell(self.hall, format_args!("asked {asked} in vain: {error:?}"));
            }
        }
        told
    }

    /// How long the engine's own client waits for each.
    fn patience(&self, ask: &Ask) -> Duration {
        match ask {
            Ask::Hello | Ask::Officers(_) | Ask::SignOut(_) => self.pace.answer_timeout,
            Ask::Snapshot(_) | Ask::Reference => self.pace.bulk_begin,
            Ask::Changes(_, wait) => *wait + self.pace.answer_timeout,
            Ask::Positions(_) => self.pace.poll_wait + self.pace.answer_timeout,
            Ask::SignIn(_) | Ask::Propose(_) => self.pace.answer_timeout * 2,
        }
    }

    async fn travel(&self, ask: Ask) -> Result<Told, CallError> {
        let recipe = &self.world.recipe;
        tokio::time::sleep(self.latency()).await;
        match self.world.road(self.hall) {
            Road::Open => {}
            Road::Refusing => return Err(unreachable("connection refused", true)),
            Road::Silent => std::future::pending().await,
        }
        if !self.world.authority.is_up() {
            return Err(unreachable("connection refused", true));
        }
        if matches!(ask, Ask::Changes(..) | Ask::Snapshot(_)) {
            self.is_given()?;
        }
        if matches!(ask, Ask::Positions(_)) && self.world.news(self.hall) == News::NoPositions {
            return Err(busy());
        }
        let is_stormy = self.world.is_stormy.get();
        if is_stormy {
            self.go_astray(&ask).await;
        }
        if is_stormy && self.dice.permille(recipe.lost_permille) {
            std::future::pending::<()>().await;
        }
        if is_stormy && self.dice.permille(recipe.busy_permille) {
            return Err(busy());
        }
        let told = tokio::select! {
            biased;
            () = self.world.authority.went_down() => {
                return Err(unreachable("the connection was cut", false));
            }
            told = arrive(&self.world, ask, self.pace.poll_wait) => told,
        };
        tokio::time::sleep(self.latency()).await;
        if is_stormy && self.dice.permille(recipe.late_permille) {
            // What it says is old when it comes, if anybody still waits for it.
            tokio::time::sleep(self.dice.millis(500, 4_000)).await;
        }
        if is_stormy && self.dice.permille(recipe.cut_permille) {
            return Err(unreachable("the connection was cut", false));
        }
        if is_stormy && self.dice.permille(recipe.answer_lost_permille)
            || self.world.road(self.hall) != Road::Open
        {
            std::future::pending::<()>().await;
        }
        told
    }

    /// Whether the backend gives this hall what happens in the street.
    fn is_given(&self) -> Result<(), CallError> {
        match self.world.news(self.hall) {
            News::Given | News::NoPositions => Ok(()),
            News::Refused => Err(busy()),
            News::CutOff => Err(unreachable("the connection was cut", false)),
            News::Garbled => Err(CallError::Nonsense("<html>It works!</html>".to_owned())),
        }
    }

    /// What may become of a question on its way beside or instead of arriving: a second copy comes
    /// a little later, or the only one comes when its sender has long given it up. The backend takes
    /// each for a question of its own, whatever it asks for.
    async fn go_astray(&self, ask: &Ask) {
        let recipe = &self.world.recipe;
        let (delay, is_only_one) = if self.dice.permille(recipe.repeated_permille) {
            (self.dice.millis(0, 3_000), false)
        } else if self.dice.permille(recipe.late_permille) {
            (self.dice.millis(5_500, 20_000), true)
        } else {
            return;
        };
        let (world, copy) = (Arc::clone(&self.world), ask.clone());
        if let Ask::Propose(sent) = &copy {
            let proposal = &sent.proposal;
            let authority = &world.authority;
            authority.ledger(|ledger| ledger.comes_late(&proposal.intent, proposal.key));
        }
        let poll_wait = self.pace.poll_wait;
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            world.authority.let_through().await;
            if world.authority.is_up() {
                // Nobody waits for the answer to this copy.
                arrive(&world, copy, poll_wait).await.ok();
            }
        });
        if is_only_one {
            std::future::pending::<()>().await;
        }
    }

    fn latency(&self) -> Duration {
        if self.dice.permille(self.world.recipe.slow_permille) {
            self.dice.millis(100, 2_000)
        } else {
            self.dice.millis(1, 20)
        }
    }
}

/// Counts a call for as long as somebody waits for it.
struct Counted<'a>(&'a Line, u64);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let (line, process) = (self.0, self.1);
        line.world
            .traffic(|traffic| traffic.end(line.hall, process));
    }
}

async fn arrive(world: &World, ask: Ask, poll_wait: Duration) -> Result<Told, CallError> {
    let authority = &world.authority;
    authority.let_through().await;
    let told = match ask {
        Ask::Hello => Ok(Told::Hello(authority.hello())),
        Ask::Snapshot(known) => {
            let snapshot = authority.snapshot(known.as_ref());
            snapshot.map(|s| Told::Snapshot(Box::new(s)))
        }
        Ask::Reference => Ok(Told::Reference(Box::new(authority.reference()))),
        Ask::Changes(after, wait) => authority.changes(after, wait).await.map(Told::Changes),
        Ask::Positions(after) => {
            let found = authority.positions(after, poll_wait).await;
            found.map(Told::Positions)
        }
        Ask::SignIn(who) => Ok(Told::SignedIn(Box::new(authority.sign_in(&who.officer)))),
        Ask::Officers(hall) => Ok(Told::Officers(authority.officers(hall))),
        Ask::SignOut(token) => {
            authority.sign_out(&token);
            Ok(Told::SignedOut)
        }
        Ask::Propose(sent) => sent.arrive(authority).map(Told::Receipt),
    };
    told.map_err(refusal)
}

/// What the engine's own client makes of a problem.
fn refusal(problem: Problem) -> CallError {
    match problem.code {
        ErrorCode::TooManyAttempts
        | ErrorCode::Unreachable
        | ErrorCode::StorageFailed
        | ErrorCode::Internal => CallError::Busy {
            status: 500,
            detail: problem.message,
            code: Some(problem.code),
        },
        _ => CallError::Refused(problem),
    }
}

/// Whether an error says nothing about what was asked, so that it is asked again.
const fn is_failure(error: &CallError) -> bool {
    matches!(
        error,
        CallError::Unreachable { .. } | CallError::Busy { .. } | CallError::Nonsense(_)
    )
}

fn busy() -> CallError {
    CallError::Busy {
        status: 503,
        detail: "busy".to_owned(),
        code: Some(ErrorCode::StorageFailed),
    }
}

fn unreachable(detail: &str, never_left: bool) -> CallError {
    CallError::Unreachable {
        detail: detail.to_owned(),
        never_left,
    }
}

/// Takes the answer that fits the question; the backend gives no other.
macro_rules! fitting {
    ($told:expr, $kind:ident) => {
        match $told {
            Told::$kind(value) => Ok(value.into()),
            other => Err(CallError::Nonsense(format!("{other:?}"))),
        }
    };
}

impl Calls for Line {
    fn hello(&self) -> Call<'_, Hello> {
        Box::pin(async { fitting!(self.ask(Ask::Hello).await?, Hello) })
    }
    fn snapshot(&self, known: Option<LogPlace>) -> Call<'_, Snapshot> {
        Box::pin(async {
            let told = self.ask(Ask::Snapshot(known)).await?;
            fitting!(told, Snapshot).map(|snapshot: Box<Snapshot>| *snapshot)
        })
    }
    fn reference(&self) -> Call<'_, Reference> {
        Box::pin(async {
            let told = self.ask(Ask::Reference).await?;
            fitting!(told, Reference).map(|reference: Box<Reference>| *reference)
        })
    }
    fn changes(&self, after: LogPlace, wait: Duration) -> Call<'_, Changes> {
        Box::pin(async move { fitting!(self.ask(Ask::Changes(after, wait)).await?, Changes) })
    }
    fn positions(&self, after: u64) -> Call<'_, Positions> {
        Box::pin(async move { fitting!(self.ask(Ask::Positions(after)).await?, Positions) })
    }
    fn sign_in<'a>(&'a self, sign_in: &'a SignIn) -> Call<'a, SignedIn> {
        Box::pin(async move {
            let told = self.ask(Ask::SignIn(sign_in.clone())).await?;
            self.sessions.given(&sign_in.officer);
            fitting!(told, SignedIn).map(|signed_in: Box<SignedIn>| *signed_in)
        })
    }
    fn officers(&self) -> Call<'_, Vec<OfficerStanding>> {
        Box::pin(async { fitting!(self.ask(Ask::Officers(self.hall)).await?, Officers) })
    }
    fn sign_out<'a>(&'a self, token: &'a str) -> Call<'a, ()> {
        Box::pin(async move { self.ask(Ask::SignOut(token.to_owned())).await.map(drop) })
    }
    fn propose<'a>(
        &'a self,
        proposal: &'a Proposal,
        token: &'a str,
        log: Option<&'a LogId>,
    ) -> Call<'a, Receipt> {
        Box::pin(async move {
            let sent = Box::new(Sent {
                proposal: proposal.clone(),
                token: token.to_owned(),
                log: log.cloned(),
            });
            fitting!(self.ask(Ask::Propose(sent)).await?, Receipt)
        })
    }
}
