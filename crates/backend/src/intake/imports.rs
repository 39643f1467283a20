//! Imports of people and of responsibility grids.

use std::collections::{BTreeMap, BTreeSet};

use domain::places::responsibility::check_responsibility;
use domain::places::{Grid, ResponsibilityGrid};
use domain::roster::{self, RosterFault};
use domain::{GridCode, Person, PersonId, Provenance, Supply, Timestamp};
use protocol::http::Imported;
use rusqlite::Connection;

use super::texts::{LONGEST_LINE, require};
use super::work::Work;
use crate::refusal::Refusal;
use crate::tables::{counters, people, reference_parts};
use crate::words;

/// Items left out that are named in an answer.
pub const NAMED_ITEMS: usize = 20;

/// What became of an import while it runs.
#[derive(Debug, Default)]
pub struct Tally {
    /// Items taken.
    pub taken: usize,
    left_out: Vec<String>,
    left_out_count: usize,
}

impl Tally {
    /// Counts an item that is left out, and names it while there is room; every one is logged.
    pub fn leave_out(&mut self, sentence: String) {
        tracing::warn!(%sentence, "left out of an import");
        self.left_out_count += 1;
        if self.left_out.len() < NAMED_ITEMS {
            self.left_out.push(sentence);
        }
    }

    /// Items left out so far, named.
    pub fn named(&self) -> &[String] {
        &self.left_out
    }

    /// The answer.
    pub fn into_imported(mut self, reference_version: u64) -> Imported {
        let unnamed = self.left_out_count - self.left_out.len();
        if unnamed > 0 {
            self.left_out.pop();
            self.left_out.push(format!(
                "另有 {0} 项未导入，见后台日志 / {0} more were left out, see the backend's log",
                unnamed + 1
            ));
        }
        Imported {
            taken: self.taken,
            left_out: self.left_out,
            reference_version,
        }
    }
}

/// Where that comes from which an import brings now.
pub const fn imported_at(at: Timestamp) -> Provenance {
    Provenance {
        supply: Supply::Import,
        at,
    }
}

/// Adds people to the roster or replaces their entries. Items that were no person at all are in
/// `tally` already.
///
/// Entries that name each other (who stands in for whom) are checked against the roster as the
/// whole import would leave it; one with a fault is left out and its old entry stays, which may
/// take others of the import with it.
pub fn take_people(
    work: &mut Work<'_>,
    people: Vec<Person>,
    mut tally: Tally,
) -> Result<Imported, Refusal> {
    let stored = roster_of(people::all(work.db())?);
    let mut wanted = BTreeMap::new();
    for person in people {
        match check_person(&person) {
            Ok(()) => {
                wanted.insert(person.id, person);
            }
            Err(refusal) => tally.leave_out(format!("{}: {refusal}", person.id)),
        }
    }
    let mut roster = stored.clone();
    roster.extend(wanted.clone());
    loop {
        let faulty: Vec<(PersonId, RosterFault)> = wanted
            .values()
            .filter_map(|person| Some((person.id, roster::check(person, &roster).err()?)))
            .collect();
        if faulty.is_empty() {
            break;
        }
        for (id, fault) in faulty {
            tally.leave_out(format!("{id}: {}", refuse_entry(&fault)));
            wanted.remove(&id);
            match stored.get(&id) {
                Some(old) => roster.insert(id, old.clone()),
                None => roster.remove(&id),
            };
        }
    }
    let from = imported_at(work.now());
    for person in wanted.into_values() {
        work.put_person(person, from)?;
        tally.taken += 1;
    }
    let version = counters::get(work.db(), counters::REFERENCE_VERSION)?;
    Ok(tally.into_imported(version))
}

/// The responsibility grids of an import that fit the street's unit grids, by code; each other one
/// is left out with everything that is wrong with it. An import of which nothing is left is refused,
/// so that a wrong file replaces nothing.
pub fn sound_responsibility(
    db: &Connection,
    imported: Vec<ResponsibilityGrid>,
    tally: &mut Tally,
) -> Result<Vec<ResponsibilityGrid>, Refusal> {
    let grids: Vec<Grid> = reference_parts::get(db, reference_parts::GRIDS)?.unwrap_or_default();
    let roster = roster_of(people::all(db)?);
    let mut left_out: BTreeSet<GridCode> = BTreeSet::new();
    let mut without_owner = 0_usize;
    for fault in check_responsibility(&grids, &imported) {
        if let Some(code) = fault.faulty() {
            left_out.insert(code.clone());
            tally.leave_out(format!("{} / {fault}", words::responsibility_fault(&fault)));
        } else {
            without_owner += 1;
        }
    }
    if without_owner > 0 {
        tracing::warn!(without_owner, "nobody answers for some unit grids");
    }
    for grid in &imported {
        let texts = require(&grid.name, LONGEST_LINE, "责任网格名称", "the name")
            .and_then(|()| require(&grid.kind, LONGEST_LINE, "责任类别", "the kind"))
            .and_then(|()| require(grid.code.as_str(), LONGEST_LINE, "责任网格编码", "the code"));
        let stranger = grid.responsible.filter(|id| !roster.contains_key(id));
        if let Err(refusal) = texts {
            tally.leave_out(format!("{}: {refusal}", grid.code));
        } else if let Some(stranger) = stranger {
            tally.leave_out(format!(
                "{0}: {stranger} 不在名册中 / {0}: {stranger} is not in the roster: import the \
                 person first",
                grid.code
            ));
        } else {
            continue;
        }
        left_out.insert(grid.code.clone());
    }
    let mut sound = imported;
    sound.retain(|grid| !left_out.contains(&grid.code));
    sound.sort_by(|a, b| a.code.cmp(&b.code));
    tally.taken = sound.len();
    if sound.is_empty() {
        let (zh, en) = match tally.named().first() {
            Some(first) => first.split_once(" / ").unwrap_or((first, first)),
            None => ("列表为空", "the list is empty"),
        };
        return Err(Refusal::bad_request(
            format!("没有可导入的责任网格，原有数据未变：{zh}"),
            format!("no responsibility grid can be taken, nothing was changed: {en}"),
        ));
    }
    Ok(sound)
}

/// People by roster number.
pub fn roster_of(people: Vec<Person>) -> BTreeMap<PersonId, Person> {
    let numbered = people.into_iter().map(|person| (person.id, person));
    numbered.collect()
}

/// What is wrong with an entry among the others.
pub fn refuse_entry(fault: &RosterFault) -> Refusal {
    Refusal::bad_request("班次、请假或替班有误", fault.to_string())
}

/// Refuses a roster entry that could not be shown or called.
pub fn check_person(person: &Person) -> Result<(), Refusal> {
    require(&person.name, LONGEST_LINE, "姓名", "the name")?;
    let is_phone = person.phone.len() <= 20
        && person
            .phone
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b' '));
    if !is_phone {
        return Err(Refusal::bad_request(
            "电话号码有误",
            "the phone number has other characters than digits",
        ));
    }
    Ok(())
}
