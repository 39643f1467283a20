//! What the engine asks of the backend, apart from how it is carried.
//!
//! [`crate::client::Client`] carries it over HTTP. A simulation puts a network in its place that
//! loses, repeats, delays and reorders, so that puller and sender are tried against it as they are.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;

use domain::{Proposal, Timestamp};
use protocol::Reference;
use protocol::heat::ReportPlaces;
use protocol::http::{
    Changes, Hello, LogId, LogPlace, OfficerStanding, Positions, Receipt, SignIn, SignedIn,
    Snapshot,
};

use crate::client::CallError;

/// A call under way.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, CallError>> + Send + 'a>>;

/// The calls of one hall to its backend. Dropping a call gives up waiting for its answer; the
/// backend may have acted all the same.
pub trait Calls: Debug + Send + Sync {
    /// Who answers.
    fn hello(&self) -> Call<'_, Hello>;
    /// Everything at one cursor, for a hall that has come to a place already or to none.
    fn snapshot(&self, known: Option<LogPlace>) -> Call<'_, Snapshot>;
    /// The reference data.
    fn reference(&self) -> Call<'_, Reference>;
    /// Changes after a place; the backend may hold the call for so long while there are none.
    fn changes(&self, after: LogPlace, wait: Duration) -> Call<'_, Changes>;
    /// Whether an answer to [`Self::changes`] has begun to come and has not come to its end.
    fn is_receiving_changes(&self) -> bool {
        false
    }
    /// Positions after a cursor of their own; held in the same way.
    fn positions(&self, after: u64) -> Call<'_, Positions>;
    /// Where something was reported from an instant up to and without another. A line that does not
    /// carry the question says so.
    fn reports(&self, _from: Timestamp, _until: Timestamp) -> Call<'_, ReportPlaces> {
        let refused: Result<ReportPlaces, CallError> = Err(CallError::Unreachable {
            detail: "this line carries no questions for reports".to_owned(),
            never_left: true,
        });
        Box::pin(std::future::ready(refused))
    }
    /// Signs an officer in.
    fn sign_in<'a>(&'a self, sign_in: &'a SignIn) -> Call<'a, SignedIn>;
    /// How everybody stands who can sign in.
    fn officers(&self) -> Call<'_, Vec<OfficerStanding>>;
    /// Ends an officer's session.
    fn sign_out<'a>(&'a self, token: &'a str) -> Call<'a, ()>;
    /// Hands a proposal over under an officer's token, to the backend that writes this log and to no
    /// other. The receipt is that of the proposal's key.
    fn propose<'a>(
        &'a self,
        proposal: &'a Proposal,
        token: &'a str,
        log: Option<&'a LogId>,
    ) -> Call<'a, Receipt>;
}
