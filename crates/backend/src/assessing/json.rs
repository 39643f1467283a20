//! An assessment for machines: every table with everything behind it.

use domain::assessment::{Figures, Indicator, Row, Subject, Table};
use serde_json::{Value, json};

use super::Ledger;

/// The tables of one question, with the chain and the rules that they stand on.
pub fn answer(ledger: &Ledger, tables: &[Table]) -> Value {
    let tables = tables.iter().map(|table| as_json(ledger, table));
    json!({
        "chain": { "links": ledger.verified.links, "head": ledger.verified.head },
        "assessed_by_rules": ledger.rules.version,
        "do_both_computations_agree": true,
        "tables": tables.collect::<Vec<_>>(),
    })
}

fn as_json(ledger: &Ledger, table: &Table) -> Value {
    let row = |row: &Row| {
        json!({
            "key": row.key,
            "name": row.key.as_ref().map(|key| ledger.name(Some(key))),
            "all": figures_json(&row.all),
            "without_unreasonable": figures_json(&row.reasonable),
        })
    };
    json!({
        "from_unix_ms": table.period.from.unix_ms(),
        "to_unix_ms": table.period.to.unix_ms(),
        "seen_at_unix_ms": table.now.unix_ms(),
        "by": table.by,
        "rules_on_the_trail": ledger.versions(table),
        "total": row(&table.total),
        "rows": table.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn figures_json(figures: &Figures) -> Value {
    let indicator = |indicator: Indicator| {
        let ratio = figures.ratio(indicator);
        let ids = |subjects: &std::collections::BTreeSet<Subject>| -> Vec<String> {
            subjects.iter().map(Subject::to_string).collect()
        };
        json!({
            "indicator": indicator,
            "name_zh": indicator.name_zh(),
            "numerator": ratio.numerator.len(),
            "denominator": ratio.denominator.len(),
            "percent_hundredths": ratio.percent_hundredths(),
            "numerator_ids": ids(&ratio.numerator),
            "denominator_ids": ids(&ratio.denominator),
        })
    };
    let effort = figures.effort.iter().map(|(subject, effort)| {
        json!({
            "subject": subject.to_string(),
            "order": effort.order,
            "spent_ms": effort.spent_ms,
        })
    });
    json!({
        "indicators": Indicator::ALL.map(indicator),
        "effort_min": figures.effort_min(),
        "effort": effort.collect::<Vec<_>>(),
        "composites": figures.composites,
    })
}
