//! How an assessment is printed for people, Chinese first.

use std::io::{self, Write};

use backend::assessing::Ledger;
use domain::Timestamp;
use domain::assessment::{
    CompositeScore, Figures, Indicator, Ratio, Row, Subject, Table, hundredths,
};

/// What is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The incidents behind every number.
    pub has_ids: bool,
    /// Only the figures without complaints flagged as unreasonable.
    pub is_reasonable_only: bool,
}

/// What holds for all tables.
pub fn write_head(out: &mut impl Write, ledger: &Ledger) -> io::Result<()> {
    let (links, head) = (ledger.verified.links, &ledger.verified.head);
    writeln!(
        out,
        "存证链完整：{links} 环，末环 {head} / the chain is whole: {links} links"
    )?;
    let version = &ledger.rules.version;
    writeln!(out, "考核规则 {version} / assessed by rules {version}")
}

/// One table with all its groups.
pub fn write_table(
    out: &mut impl Write,
    ledger: &Ledger,
    table: &Table,
    shown: Shown,
) -> io::Result<()> {
    let first = table.period.from.local_ymd();
    let last = table.period.to.plus_ms(-1).local_ymd();
    let seen = instant(table.now);
    writeln!(
        out,
        "\n考核评价 {first} 至 {last}，截至 {seen} / assessment {first} to {last}, seen at {seen}"
    )?;
    let versions: Vec<String> = ledger
        .versions(table)
        .into_iter()
        .map(|(version, steps)| format!("{version}（{steps} 步 / steps）"))
        .collect();
    let versions = if versions.is_empty() {
        "—".to_owned()
    } else {
        versions.join("、")
    };
    writeln!(out, "过程依据的规则 / rules on the trail: {versions}")?;
    writeln!(out, "两种算法结果一致 / both computations agree")?;
    writeln!(out, "\n合计 / total")?;
    write_row(out, &table.total, shown, true)?;
    for row in &table.rows {
        writeln!(out, "\n{}", ledger.name(row.key.as_ref()))?;
        write_row(out, row, shown, false)?;
    }
    Ok(())
}

fn instant(at: Timestamp) -> String {
    format!("{} {}", at.local_ymd(), at.local_hms())
}

/// The figures of a group; without `is_whole`, indicators that have nothing to show are left out.
fn write_row(out: &mut impl Write, row: &Row, shown: Shown, is_whole: bool) -> io::Result<()> {
    let main = if shown.is_reasonable_only {
        &row.reasonable
    } else {
        &row.all
    };
    let second = if shown.is_reasonable_only {
        "不含不合理诉求 / without unreasonable complaints"
    } else {
        "全部 / all            不含不合理诉求 / without unreasonable"
    };
    writeln!(out, "  {}{second}", padded("", 32))?;
    let mut left_out = 0;
    for indicator in Indicator::ALL {
        let ratio = main.ratio(indicator);
        if !is_whole && ratio.denominator.is_empty() {
            left_out += 1;
            continue;
        }
        let name = format!("{} {}", indicator.name_zh(), indicator.formula_zh());
        write!(out, "  {}{}", padded(&name, 32), padded(&rate(&ratio), 22))?;
        if !shown.is_reasonable_only {
            write!(out, "{}", rate(&row.reasonable.ratio(indicator)))?;
        }
        writeln!(out)?;
        if shown.has_ids {
            write_ids(out, &ratio)?;
        }
    }
    if left_out > 0 {
        writeln!(out, "  其余 {left_out} 项 — / {left_out} others —")?;
    }
    write_effort(out, main, shown)?;
    if !shown.is_reasonable_only {
        let (minutes, orders) = (row.reasonable.effort_min(), row.reasonable.effort.len());
        let line = format!("不含不合理诉求 / without unreasonable {minutes} min · {orders}");
        writeln!(out, "    {line}")?;
    }
    for score in &main.composites {
        writeln!(out, "  {}", composite(score))?;
    }
    if !shown.is_reasonable_only && row.reasonable.composites != row.all.composites {
        for score in &row.reasonable.composites {
            writeln!(
                out,
                "  不含不合理诉求 / without unreasonable: {}",
                composite(score)
            )?;
        }
    }
    Ok(())
}

/// `5/6 83.33%`, or `0/0 —`.
fn rate(ratio: &Ratio) -> String {
    let (n, d) = (ratio.numerator.len(), ratio.denominator.len());
    format!("{} {}", padded(&format!("{n}/{d}"), 10), ratio.percent())
}

fn write_ids(out: &mut impl Write, ratio: &Ratio) -> io::Result<()> {
    let list = |subjects: &mut dyn Iterator<Item = &Subject>| {
        let ids: Vec<String> = subjects.map(Subject::to_string).collect();
        if ids.is_empty() {
            "—".to_owned()
        } else {
            ids.join(" ")
        }
    };
    let hits = list(&mut ratio.numerator.iter());
    let misses = list(&mut ratio.denominator.difference(&ratio.numerator));
    writeln!(out, "    分子 / numerator: {hits}")?;
    writeln!(out, "    未计入分子 / rest of the denominator: {misses}")
}

fn write_effort(out: &mut impl Write, figures: &Figures, shown: Shown) -> io::Result<()> {
    let (minutes, orders) = (figures.effort_min(), figures.effort.len());
    writeln!(
        out,
        "  处置用时 {minutes} 分钟（{orders} 张派单） / effort {minutes} min of {orders} orders"
    )?;
    if shown.has_ids {
        for (subject, effort) in &figures.effort {
            let (seconds, order) = (effort.spent_ms / 1_000, effort.order);
            writeln!(
                out,
                "    {subject} {order} {}:{:02}",
                seconds / 60,
                seconds % 60
            )?;
        }
    }
    Ok(())
}

/// `处置综合得分 79.33 = 处置率 25.00/30 + … + (1−返工率) 16.00/20`.
fn composite(score: &CompositeScore) -> String {
    let terms: Vec<String> = score
        .terms
        .iter()
        .map(|term| {
            let name = term.indicator.name_zh();
            let name = if term.is_inverted {
                format!("(1−{name})")
            } else {
                name.to_owned()
            };
            let weight = points(Some(u64::from(term.weight_hundredths)));
            format!("{name} {}/{weight}", points(term.points_hundredths))
        })
        .collect();
    let sum = points(score.score_hundredths);
    format!("{} {sum} = {}", score.name, terms.join(" + "))
}

fn points(value: Option<u64>) -> String {
    value.map_or_else(|| "—".to_owned(), hundredths)
}

/// A text filled up to a width in columns, of which a Chinese character takes two.
fn padded(text: &str, columns: usize) -> String {
    let width: usize = text
        .chars()
        .map(|c| if c >= '\u{2e80}' { 2 } else { 1 })
        .sum();
    format!("{text}{}", " ".repeat(columns.saturating_sub(width)))
}
