//! Table `proposals`: what officers want done, from the click to the confirmed effect.

use domain::conflicts::Conflict;
use domain::{OfficerId, Proposal, Timestamp};
use protocol::ErrorCode;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::unreadable_row;

/// The code of what was parked without an answer after it may have left: whether the backend has
/// carried it out shows only when it is sent again under its key. No refusal bears this code.
pub const OUTCOME_UNKNOWN: ErrorCode = ErrorCode::Unreachable;

/// First version of the table. `seq` is never reused, so it is the order of the clicks for ever.
/// `answered_at` is when the last answer came that decided something: of a queued row the refusal
/// after which it was queued again.
pub const MIGRATION: &str = "
CREATE TABLE proposals (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    key            TEXT NOT NULL UNIQUE,
    backend        TEXT NOT NULL,
    officer        TEXT NOT NULL,
    occurred_at    INTEGER NOT NULL,
    intent         TEXT NOT NULL,
    stage          TEXT NOT NULL CHECK (stage IN ('queued', 'parked', 'sent')),
    has_left       INTEGER NOT NULL,
    attempts       INTEGER NOT NULL,
    last_error     TEXT,
    parked_code    TEXT,
    parked_after   INTEGER,
    answered_at    INTEGER,
    receipt_cursor INTEGER
) STRICT;";

/// Second version of the table: what the officer had seen, and of a parked row what others had done
/// since; both as JSON, and both `NULL` on rows of the first version.
pub const MIGRATION_2: &str = "
ALTER TABLE proposals ADD COLUMN basis TEXT;
ALTER TABLE proposals ADD COLUMN conflict TEXT;";

const COLUMNS: &str = "seq, key, backend, officer, occurred_at, intent, stage, has_left, attempts, \
                       last_error, parked_code, parked_after, answered_at, receipt_cursor, \
                       basis, conflict";

/// Where a proposal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for its receipt.
    Queued,
    /// Refused by the backend, waiting for an officer.
    Parked {
        /// Why, for programs.
        code: ErrorCode,
        /// Newest `seq` when the refusal came: what was queued behind it until then was composed
        /// in the belief that it would succeed, and waits for the officer's decision.
        after: i64,
        /// When the refusal came.
        at: Timestamp,
    },
    /// Acknowledged; kept until the change log has brought its effect.
    Sent {
        /// When the backend recorded it.
        recorded_at: Timestamp,
        /// The cache holds the effect once its cursor is here.
        cursor: u64,
    },
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposalRow {
    /// Order of the clicks.
    pub seq: i64,
    /// Backend it is meant for.
    pub backend: String,
    /// What and by whom.
    pub proposal: Proposal,
    /// Where it stands.
    pub stage: Stage,
    /// When it was shown as refused before an officer had it tried again; its order stays shown as
    /// parked until the backend has taken it.
    pub parked_before: Option<Timestamp>,
    /// Whether it may have reached the backend; set before the first byte is sent.
    pub has_left: bool,
    /// Tries so far.
    pub attempts: u32,
    /// The last failure in words.
    pub last_error: Option<String>,
    /// What others had done when the backend refused it for that.
    pub conflict: Option<Box<Conflict>>,
}

impl ProposalRow {
    /// A proposal as it is queued, before the disk has given it its number.
    pub fn new(backend: &str, proposal: Proposal) -> Self {
        Self {
            seq: 0,
            backend: backend.to_owned(),
            proposal,
            stage: Stage::Queued,
            parked_before: None,
            has_left: false,
            attempts: 0,
            last_error: None,
            conflict: None,
        }
    }

    fn stage_columns(&self) -> StageColumns {
        match &self.stage {
            Stage::Queued => {
                let answered_at = self.parked_before.map(Timestamp::unix_ms);
                ("queued", None, None, answered_at, None)
            }
            Stage::Parked { code, after, at } => {
                let code = serde_json::to_string(code).unwrap_or_default();
                ("parked", Some(code), Some(*after), Some(at.unix_ms()), None)
            }
            Stage::Sent {
                recorded_at,
                cursor,
            } => (
                "sent",
                None,
                None,
                Some(recorded_at.unix_ms()),
                Some(*cursor as i64),
            ),
        }
    }
}

type StageColumns = (
    &'static str,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

/// Adds a row; `row.seq` 0 takes the next number. A key that is there already is left as it is.
/// Returns the row as it now is.
pub fn add(connection: &Connection, row: &ProposalRow) -> rusqlite::Result<ProposalRow> {
    let key = row.proposal.key.to_string();
    let intent = serde_json::to_string(&row.proposal.intent)
        .map_err(|e| unreadable_row("proposals", &key, e))?;
    let (basis, conflict) = json_columns(row)?;
    let (stage, parked_code, parked_after, recorded_at, cursor) = row.stage_columns();
    let seq: Option<i64> = connection
        .prepare_cached(
            "INSERT INTO proposals
             (seq, key, backend, officer, occurred_at, intent, stage, has_left, attempts,
              last_error, parked_code, parked_after, answered_at, receipt_cursor, basis, conflict)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
             ON CONFLICT (key) DO NOTHING
             RETURNING seq",
        )?
        .query_row(
            params![
                (row.seq > 0).then_some(row.seq),
                key,
                row.backend,
                row.proposal.officer.as_str(),
                row.proposal.occurred_at.unix_ms(),
                intent,
                stage,
                row.has_left,
                row.attempts,
                row.last_error,
                parked_code,
                parked_after,
                recorded_at,
                cursor,
                basis,
                conflict,
            ],
            |inserted| inserted.get(0),
        )
        .optional()?;
    if let Some(seq) = seq {
        return Ok(ProposalRow { seq, ..row.clone() });
    }
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM proposals WHERE key = ?1"))?
        .query_row(params![key], read)
}

type JsonColumns = (Option<String>, Option<String>);

fn json_columns(row: &ProposalRow) -> rusqlite::Result<JsonColumns> {
    let key = row.proposal.key;
    let failed = |e| unreadable_row("proposals", key, e);
    let basis = row.proposal.basis.as_ref();
    let basis = basis.map(serde_json::to_string).transpose();
    let conflict = row.conflict.as_ref().map(serde_json::to_string).transpose();
    Ok((basis.map_err(failed)?, conflict.map_err(failed)?))
}

/// Writes everything of a row that may change.
pub fn update(connection: &Connection, row: &ProposalRow) -> rusqlite::Result<()> {
    let (basis, conflict) = json_columns(row)?;
    let (stage, parked_code, parked_after, recorded_at, cursor) = row.stage_columns();
    connection
        .prepare_cached(
            "UPDATE proposals SET stage = ?2, has_left = ?3, attempts = ?4, last_error = ?5,
             parked_code = ?6, parked_after = ?7, answered_at = ?8, receipt_cursor = ?9,
             basis = ?10, conflict = ?11
             WHERE seq = ?1",
        )?
        .execute(params![
            row.seq,
            stage,
            row.has_left,
            row.attempts,
            row.last_error,
            parked_code,
            parked_after,
            recorded_at,
            cursor,
            basis,
            conflict,
        ])
        .map(drop)
}

/// Puts another proposal in the place of the one with its number.
pub fn swap(connection: &Connection, row: &ProposalRow) -> rusqlite::Result<()> {
    let key = row.proposal.key.to_string();
    let intent = serde_json::to_string(&row.proposal.intent)
        .map_err(|e| unreadable_row("proposals", &key, e))?;
    connection
        .prepare_cached(
            "UPDATE proposals SET key = ?2, officer = ?3, occurred_at = ?4, intent = ?5
             WHERE seq = ?1",
        )?
        .execute(params![
            row.seq,
            key,
            row.proposal.officer.as_str(),
            row.proposal.occurred_at.unix_ms(),
            intent,
        ])?;
    update(connection, row)
}

/// Removes a row.
pub fn delete(connection: &Connection, seq: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM proposals WHERE seq = ?1")?
        .execute(params![seq])
        .map(drop)
}

/// One row by number, also from a file of an older version, which is not brought forward when it was
/// kept aside.
pub fn get(connection: &Connection, seq: i64) -> rusqlite::Result<Option<ProposalRow>> {
    let is_first_version = !has_column(connection, "basis")?;
    let columns = if is_first_version {
        COLUMNS.replace("basis, conflict", "NULL, NULL")
    } else {
        COLUMNS.to_owned()
    };
    connection
        .prepare_cached(&format!("SELECT {columns} FROM proposals WHERE seq = ?1"))?
        .query_row(params![seq], read)
        .optional()
}

fn has_column(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT count(*) FROM pragma_table_info('proposals') WHERE name = ?1")?
        .query_row([name], |row| row.get::<_, i64>(0))
        .map(|count| count > 0)
}

/// All rows in the order of the clicks.
pub fn load(connection: &Connection) -> rusqlite::Result<Vec<ProposalRow>> {
    connection
        .prepare(&format!("SELECT {COLUMNS} FROM proposals ORDER BY seq"))?
        .query_map([], read)?
        .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<ProposalRow> {
    let seq: i64 = row.get(0)?;
    let unreadable = |cause: String| unreadable_row("proposals", seq, cause);
    let key: String = row.get(1)?;
    let intent: String = row.get(5)?;
    let stage: String = row.get(6)?;
    let stage = match stage.as_str() {
        "queued" => Stage::Queued,
        "parked" => Stage::Parked {
            code: row
                .get::<_, Option<String>>(10)?
                .and_then(|code| serde_json::from_str(&code).ok())
                .unwrap_or(ErrorCode::Internal),
            after: row.get::<_, Option<i64>>(11)?.unwrap_or(seq),
            at: Timestamp::from_unix_ms(row.get::<_, Option<i64>>(12)?.unwrap_or(0)),
        },
        "sent" => Stage::Sent {
            recorded_at: Timestamp::from_unix_ms(row.get::<_, Option<i64>>(12)?.unwrap_or(0)),
            cursor: row.get::<_, Option<i64>>(13)?.unwrap_or(0) as u64,
        },
        other => return Err(unreadable(format!("stage \"{other}\""))),
    };
    Ok(ProposalRow {
        seq,
        backend: row.get(2)?,
        proposal: Proposal {
            key: key
                .parse()
                .map_err(|e: domain::ids::IdError| unreadable(e.to_string()))?,
            officer: OfficerId(row.get(3)?),
            occurred_at: Timestamp::from_unix_ms(row.get(4)?),
            intent: serde_json::from_str(&intent).map_err(|e| unreadable(e.to_string()))?,
            basis: json(row, 14)?,
        },
        parked_before: match stage {
            Stage::Queued => row.get::<_, Option<i64>>(12)?.map(Timestamp::from_unix_ms),
            Stage::Parked { .. } | Stage::Sent { .. } => None,
        },
        stage,
        has_left: row.get(7)?,
        attempts: row.get(8)?,
        last_error: row.get(9)?,
        conflict: json(row, 15)?,
    })
}

/// A column of JSON. What cannot be read is left out and loses no order: without its basis a
/// proposal is carried out wherever the life cycle allows it, and a conflict is found again.
fn json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}
