//! The assessment for officers: the tables that the program's `assess` makes.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::Timestamp;
use domain::assessment::{By, Period};
use protocol::ErrorCode;
use serde::Deserialize;
use serde_json::Value;

use super::caller::OfficerCaller;
use super::reply::Answer;
use super::{App, blocking};
use crate::assessing::query::{self, Grouping, Part};
use crate::assessing::{AssessError, Ledger, answer};
use crate::refusal::Refusal;

/// The question as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    from: Option<String>,
    to: Option<String>,
    by: Option<String>,
    each: Option<String>,
    as_of: Option<String>,
}

/// What is to be made.
#[derive(Debug)]
struct Asked {
    periods: Vec<Period>,
    by: By,
    as_of: Option<Timestamp>,
}

pub async fn assessment(
    State(app): State<App>,
    _: OfficerCaller,
    question: Result<Query<Question>, QueryRejection>,
) -> Answer<Value> {
    let Query(question) = question.map_err(|rejection| {
        let what = rejection.body_text();
        malformed("查询", "the query", &format!("{what} / {what}"))
    })?;
    let asked = read(&question)?;
    // The whole trail is read and verified; one at a time is enough for a street. The permit goes with
    // the work, which goes on when the caller goes away.
    let permit = Arc::clone(&app.assessing).acquire_owned().await;
    let made = blocking(&app, move |shared| {
        let _permit = permit;
        let now = asked.as_of.unwrap_or_else(|| shared.clock.now());
        let rules = Some(shared.rules.clone());
        let made = shared.store.read(|db| -> Result<_, AssessError> {
            let ledger = Ledger::read(db, rules)?;
            let tables = asked.periods.iter();
            let tables: Vec<_> = tables
                .take_while(|_| !*shared.stopping.borrow())
                .map(|period| ledger.table(*period, asked.by, now))
                .collect::<Result<_, _>>()?;
            if tables.len() < asked.periods.len() {
                return Ok(None);
            }
            Ok(Some(answer(&ledger, &tables)))
        });
        made.map_err(refuse)?.ok_or_else(|| {
            Refusal::new(
                ErrorCode::Unreachable,
                "后台正在停止，请稍后重试",
                "the backend is stopping: try again later",
            )
        })
    })
    .await?;
    Ok(Json(made))
}

fn read(question: &Question) -> Result<Asked, Refusal> {
    let date = |text: Option<&String>, name: &str| {
        let text = text.map_or("", String::as_str);
        query::read_date(text).map_err(|why| malformed(name, name, &why))
    };
    let (from, to) = (
        date(question.from.as_ref(), "from")?,
        date(question.to.as_ref(), "to")?,
    );
    let each: Option<Part> = optional(question.each.as_ref(), "each", query::read_value)?;
    let by: Option<Grouping> = optional(question.by.as_ref(), "by", query::read_value)?;
    let periods = query::periods(from, to, each).map_err(|why| in_both(&why.to_string()))?;
    Ok(Asked {
        periods,
        by: by.map_or(By::Whole, By::from),
        as_of: optional(question.as_of.as_ref(), "as_of", query::read_instant)?,
    })
}

fn optional<T>(
    text: Option<&String>,
    name: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Refusal> {
    let read = text.map(|text| read(text)).transpose();
    read.map_err(|why| malformed(name, name, &why))
}

fn malformed(what_zh: &str, what_en: &str, why: &str) -> Refusal {
    let (zh, en) = why.split_once(" / ").unwrap_or((why, why));
    Refusal::bad_request(format!("{what_zh}：{zh}"), format!("{what_en}: {en}"))
}

/// A sentence that is written in both languages.
fn in_both(sentence: &str) -> Refusal {
    let (zh, en) = sentence.split_once(" / ").unwrap_or((sentence, sentence));
    Refusal::bad_request(zh, en)
}

fn refuse(error: AssessError) -> Refusal {
    if let AssessError::Store(error) = error {
        return error.into();
    }
    tracing::error!(%error, "nothing is assessed");
    let sentence = error.to_string();
    let (zh, en) = sentence.split_once(" / ").unwrap_or((&sentence, &sentence));
    Refusal::new(ErrorCode::Internal, zh, en)
}
