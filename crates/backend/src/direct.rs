//! The backend called as plain functions: what the HTTP interface does once a request is read and
//! its caller known, for the handlers and for programs that carry the calls themselves.
//!
//! Every call blocks, reads the time from the backend's clock and nothing else from outside, so the
//! same calls in the same order always give the same answers.

use domain::trail::{Officer, Origin, TrailEntry};
use domain::{IncidentId, Order, PositionSource, Proposal};
use protocol::ErrorCode;
use protocol::http::{
    Accepted, Change, ChangeBody, Changes, FieldReceipt, Hello, LogId, LogPlace, NewPosition,
    NewReport, OfficerStanding, Positions, Problem, Receipt, Snapshot,
};
use protocol::{Reference, SpokenVersions};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::http::{ChangesReply, SnapshotReply};
use crate::intake::places::in_cgcs2000;
use crate::intake::{Work, proposals, receipts, reports};
use crate::refusal::Refusal;
use crate::tables::{log_openings, officers};
use crate::{Backend, News, Shared};

impl Shared {
    /// Who answers here.
    pub fn hello(&self) -> Hello {
        Hello {
            spoken: SpokenVersions::OURS,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            street: self.reference().street.clone(),
            log: self.log.clone(),
            now: self.clock.now(),
        }
    }

    /// Carries out a proposal of an officer, or returns the first receipt of its key; the news of it
    /// can wait until the receipt is on its way. One that was meant for a backend that writes another
    /// log is not even looked at.
    pub fn carry_out(
        &self,
        officer: &Officer,
        proposal: &Proposal,
        meant: Option<&LogId>,
        from: Option<Origin>,
    ) -> Result<(Receipt, News<'_>), Refusal> {
        if meant.is_some_and(|log| *log != self.log) {
            return Err(Refusal::new(
                ErrorCode::OtherLog,
                "后台已重新启动或由备份恢复，请重新连接后再发",
                "the backend was started anew or restored from a backup: greet it, then send again",
            ));
        }
        let now = self.clock.now();
        let reference = self.reference();
        let known = (&self.rules, &reference.grids);
        self.write_with_news(|db| proposals::carry_out(db, known, now, officer, proposal, from))
    }

    /// Opens an incident by a report, or returns the one that it opened before.
    pub fn take_report(
        &self,
        report: &NewReport,
        from: Option<Origin>,
    ) -> Result<IncidentId, Refusal> {
        let now = self.clock.now();
        let reference = self.reference();
        self.write(|db| -> Result<_, Refusal> {
            let mut work = Work::begin(db, &self.rules, now)?.from(from);
            let id = reports::take(&mut work, &reference.grids, report)?;
            work.finish()?;
            Ok(id)
        })
    }

    /// Takes a receipt of the field; returns the order as it then stands.
    pub fn take_receipt(&self, mut receipt: FieldReceipt) -> Result<Order, Refusal> {
        if let Some(place) = &mut receipt.location {
            *place = in_cgcs2000(*place, receipt.crs)?;
        }
        let now = self.clock.now();
        self.write(|db| -> Result<_, Refusal> {
            let place = receipt.location.map(Origin::Place);
            let mut work = Work::begin(db, &self.rules, now)?.from(place);
            let order = receipts::take(&mut work, &receipt)?;
            work.finish()?;
            Ok(order)
        })
    }
}

impl Backend {
    /// Who answers here.
    pub fn hello(&self) -> Hello {
        self.shared.hello()
    }

    /// The reference data in force.
    pub fn reference(&self) -> Result<Reference, Problem> {
        parse(&self.shared.reference().json)
    }

    /// Who can sign in, and how everybody stands.
    pub fn standings(&self) -> Result<Vec<OfficerStanding>, Problem> {
        let found = self.shared.store.read(|db| officers::standings(db));
        found.map_err(|error| Refusal::from(error).problem())
    }

    /// Everything at one cursor, for somebody who has come to a place already or to none.
    pub fn snapshot(&self, known: Option<&LogPlace>) -> Result<Snapshot, Problem> {
        let reply = SnapshotReply::read(&self.shared, known);
        let reply = reply.map_err(|refusal| refusal.problem())?;
        let trail = reply
            .trail
            .iter()
            .map(|entry| parse(entry.get().as_bytes()));
        Ok(Snapshot {
            log: reply.log,
            continues: reply.continues,
            cursor: reply.cursor,
            reference_version: reply.reference_version,
            situation: reply.situation,
            trail: trail.collect::<Result<Vec<TrailEntry>, _>>()?,
        })
    }

    /// Whether everything up to the place is the past of this backend's log.
    pub fn leads_here(&self, place: &LogPlace) -> Result<bool, Problem> {
        let read = self
            .shared
            .store
            .read(|db| log_openings::leads_here(db, place));
        read.map_err(|error| Refusal::from(error).problem())
    }

    /// Changes after a cursor, without waiting for any.
    pub fn changes_after(&self, cursor: u64) -> Result<Changes, Problem> {
        let reply =
            ChangesReply::read(&self.shared, cursor, None).map_err(|refusal| refusal.problem())?;
        let changes = reply.changes.iter().map(|row| {
            Ok(Change {
                cursor: row.cursor,
                at: row.at,
                body: parse::<ChangeBody>(raw(&row.body))?,
            })
        });
        Ok(Changes {
            log: reply.log,
            changes: changes.collect::<Result<_, Problem>>()?,
            newest: reply.newest,
            now: reply.now,
        })
    }

    /// Positions after a cursor of their own, without waiting for any.
    pub fn positions_after(&self, cursor: u64) -> Result<Positions, Problem> {
        let renewed = self.shared.renew_visible().map_err(Refusal::from);
        renewed.map_err(|refusal| refusal.problem())?;
        Ok(self.shared.board.after(cursor))
    }

    /// Takes positions of the field.
    pub fn take_positions(&self, positions: Vec<NewPosition>) -> Result<Accepted, Problem> {
        let mut answer = Accepted {
            accepted: 0,
            refused: Vec::new(),
            refused_count: 0,
        };
        self.shared
            .take_positions(positions, PositionSource::Field, &mut answer)
            .map_err(|error| Refusal::from(error).problem())?;
        Ok(answer)
    }

    /// Carries out a proposal of an officer who is known to be the caller, and who means the backend
    /// that writes this log, or any.
    pub fn carry_out(
        &self,
        officer: &Officer,
        proposal: &Proposal,
        meant: Option<&LogId>,
    ) -> Result<Receipt, Problem> {
        let done = self.shared.carry_out(officer, proposal, meant, None);
        let receipt = done.map(|(receipt, _news)| receipt);
        receipt.map_err(|refusal| refusal.problem())
    }

    /// Opens an incident by a report.
    pub fn report(&self, report: &NewReport) -> Result<IncidentId, Problem> {
        let taken = self.shared.take_report(report, None);
        taken.map_err(|refusal| refusal.problem())
    }

    /// Takes a receipt of the field.
    pub fn take_receipt(&self, receipt: FieldReceipt) -> Result<Order, Problem> {
        let taken = self.shared.take_receipt(receipt);
        taken.map_err(|refusal| refusal.problem())
    }
}

fn raw(body: &RawValue) -> &[u8] {
    body.get().as_bytes()
}

/// What this backend has written itself.
fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(json).map_err(|error| Problem {
        code: ErrorCode::Internal,
        message: format!("后台内部错误 / the backend cannot read its own answer: {error}"),
        conflict: None,
    })
}
