//! What officers have typed and not sent yet, each with the key that a click on it has: plain values,
//! which [`super::keeping`] keeps in the window's session.
//!
//! What somebody has typed is theirs: it is shown to nobody else, and is there again when they come
//! back to the desk. What was typed while nobody was signed in is the next officer's who signs in.

use std::collections::{BTreeMap, BTreeSet};

use domain::{DepartmentId, IncidentId, IntentKey, OfficerId, OrderId, PersonId};
use serde::{Deserialize, Serialize};

use super::{duty, report};

/// The words of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The text, or the only thing that is asked for.
    pub text: String,
    /// The reason, where one is asked for besides the text.
    #[serde(default)]
    pub reason: String,
    /// The departments chosen, where some are asked for.
    #[serde(default)]
    pub departments: BTreeSet<DepartmentId>,
}

impl Words {
    /// A text alone.
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// As they are sent: without blanks at their ends.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        Self {
            text: self.text.trim().to_owned(),
            reason: self.reason.trim().to_owned(),
            departments: self.departments.clone(),
        }
    }

    /// Whether nothing has been typed or chosen.
    pub fn is_empty(&self) -> bool {
        self.trimmed() == Self::default()
    }

    fn followed_by(self, later: Self) -> Self {
        Self {
            text: followed_by(self.text, later.text),
            reason: followed_by(self.reason, later.reason),
            departments: self
                .departments
                .into_iter()
                .chain(later.departments)
                .collect(),
        }
    }
}

/// Both texts, so that neither is lost.
fn followed_by(first: String, later: String) -> String {
    if first.trim().is_empty() {
        later
    } else if later.trim().is_empty() {
        first
    } else {
        format!("{first}\n{later}")
    }
}

/// Words with the key of the intent that they are to become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// The key of the next click.
    pub key: IntentKey,
    /// What is typed.
    pub words: Words,
    /// What the key was last clicked for, which the hall may have taken without the window having
    /// heard of it; `None` while nothing was clicked.
    pub sent: Option<Words>,
}

impl Typed {
    /// Nothing typed yet.
    pub fn new(key: IntentKey) -> Self {
        Self {
            key,
            words: Words::default(),
            sent: None,
        }
    }

    /// The key of a click on these words. They keep theirs however often they are clicked; other words
    /// than those that were clicked before are another intent, and have `next`.
    pub fn click(&mut self, next: IntentKey) -> IntentKey {
        let words = self.words.trimmed();
        if self.sent.as_ref().is_some_and(|sent| *sent != words) {
            self.key = next;
        }
        self.sent = Some(words);
        self.key
    }

    /// What is left once the hall has taken what was clicked under `taken`: nothing, or what was typed
    /// since, which is another intent.
    #[must_use]
    pub fn after(self, taken: IntentKey, next: IntentKey) -> Self {
        match &self.sent {
            Some(sent) if self.key == taken => {
                let is_as_sent = self.words.trimmed() == *sent;
                Self {
                    words: if is_as_sent {
                        Words::default()
                    } else {
                        self.words
                    },
                    ..Self::new(next)
                }
            }
            _ => self,
        }
    }

    /// What two have typed into the same field, as one. What was clicked may have been taken by the hall
    /// and stays by itself: `later` comes back where it cannot stand beside `own`.
    fn together(own: Option<Self>, later: Self) -> (Self, Option<Self>) {
        match own {
            None => (later, None),
            Some(own) if own.sent.is_some() || later.sent.is_some() => (own, Some(later)),
            Some(own) => {
                let words = own.words.followed_by(later.words);
                (Self { words, ..later }, None)
            }
        }
    }
}

/// What the words of a dialog are about: whoever opens the same one again finds them in it. A matter is
/// meant by the number that it had first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum About {
    /// A step on an incident, by the name of the step.
    Step(IncidentId, String),
    /// A step in the place of a parked one.
    Instead(IntentKey),
    /// Why something that is in conflict is sent all the same.
    Anyway(IntentKey),
    /// Why somebody is sent who is not offered.
    Override(IncidentId, PersonId),
    /// Why an order is taken back.
    Withdraw(OrderId),
    /// A whistle.
    Whistle(IncidentId),
    /// What a department has done upon a whistle.
    WhistleDone(IncidentId, u16, DepartmentId),
}

/// All that one officer has typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Drafts {
    /// The entry of the duty log.
    pub log: Option<Typed>,
    /// The handover.
    pub handover: Option<duty::Draft>,
    /// The new matter.
    pub report: Option<report::Draft>,
    /// What the next order about an incident tells the phone, where the suggested words were changed.
    #[serde(with = "pairs")]
    pub instructions: BTreeMap<IncidentId, String>,
    /// The words of dialogs.
    #[serde(with = "pairs")]
    pub dialogs: BTreeMap<About, Typed>,
}

impl Drafts {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Keeps the entry of the duty log.
    pub fn put_log(&mut self, entry: Typed) {
        self.log = (!entry.words.is_empty()).then_some(entry);
    }

    /// Keeps the handover.
    pub fn put_handover(&mut self, draft: duty::Draft) {
        self.handover = (!draft.is_empty()).then_some(draft);
    }

    /// Keeps the new matter.
    pub fn put_report(&mut self, draft: Option<report::Draft>) {
        self.report = draft.filter(|draft| !draft.is_empty());
    }

    /// Keeps the words of an order; `None` where the suggested ones stand.
    pub fn put_instruction(&mut self, incident: IncidentId, words: Option<String>) {
        match words {
            Some(words) => self.instructions.insert(incident, words),
            None => self.instructions.remove(&incident),
        };
    }

    /// Keeps the words of a dialog.
    pub fn put_dialog(&mut self, about: About, typed: Typed) {
        if typed.words.is_empty() {
            self.dialogs.remove(&about);
        } else {
            self.dialogs.insert(about, typed);
        }
    }

    /// Takes over what was typed later. What cannot stand beside the own stays where it is.
    fn take_over(&mut self, later: &mut Self) {
        if let Some(entry) = later.log.take() {
            let (own, left) = Typed::together(self.log.take(), entry);
            self.log = Some(own);
            later.log = left;
        }
        for (about, typed) in std::mem::take(&mut later.dialogs) {
            let (own, left) = Typed::together(self.dialogs.remove(&about), typed);
            self.dialogs.insert(about.clone(), own);
            if let Some(left) = left {
                later.dialogs.insert(about, left);
            }
        }
        for (incident, words) in std::mem::take(&mut later.instructions) {
            let own = self.instructions.remove(&incident).unwrap_or_default();
            self.instructions.insert(incident, followed_by(own, words));
        }
        if self.handover.is_none() {
            self.handover = later.handover.take();
        }
        if self.report.is_none() {
            self.report = later.report.take();
        }
    }

    /// The keys under which something here may have been taken.
    fn keys(&self) -> impl Iterator<Item = IntentKey> {
        let typed = self.log.iter().chain(self.dialogs.values());
        let handover = self.handover.iter().map(|draft| draft.key);
        let report = self
            .report
            .iter()
            .flat_map(|draft| [draft.key, draft.note_key]);
        typed.map(|typed| typed.key).chain(handover).chain(report)
    }

    fn forget(&mut self, taken: IntentKey, next: IntentKey) {
        if let Some(log) = self.log.take() {
            self.put_log(log.after(taken, next));
        }
        for (about, typed) in std::mem::take(&mut self.dialogs) {
            self.put_dialog(about, typed.after(taken, next));
        }
        self.handover = self.handover.take().filter(|draft| draft.key != taken);
        let is_taken = |draft: &report::Draft| [draft.key, draft.note_key].contains(&taken);
        self.report = self.report.take().filter(|draft| !is_taken(draft));
    }
}

/// All that was typed at this window, by whom it was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Whose fields are shown. After a reload nobody's are until it is known who is signed in.
    #[serde(skip)]
    owner: Option<OfficerId>,
    /// What was typed while nobody was signed in.
    nobody: Drafts,
    #[serde(with = "pairs")]
    officers: BTreeMap<OfficerId, Drafts>,
}

impl Kept {
    /// Whose fields are shown.
    pub const fn owner(&self) -> Option<&OfficerId> {
        self.owner.as_ref()
    }

    /// What is shown.
    pub fn own(&self) -> Drafts {
        self.of(self.owner.as_ref())
    }

    /// What somebody has typed.
    pub fn of(&self, officer: Option<&OfficerId>) -> Drafts {
        match officer {
            Some(officer) => self.officers.get(officer).cloned().unwrap_or_default(),
            None => self.nobody.clone(),
        }
    }

    /// Changes what somebody has typed.
    pub fn edit(&mut self, of: Option<&OfficerId>, change: impl FnOnce(&mut Drafts)) {
        let Some(officer) = of else {
            change(&mut self.nobody);
            return;
        };
        let drafts = self.officers.entry(officer.clone()).or_default();
        change(drafts);
        if drafts.is_empty() {
            self.officers.remove(officer);
        }
    }

    /// Changes what is shown.
    pub fn edit_own(&mut self, change: impl FnOnce(&mut Drafts)) {
        let owner = self.owner.clone();
        self.edit(owner.as_ref(), change);
    }

    /// Another officer has the desk, or nobody.
    pub fn pass_to(&mut self, officer: Option<OfficerId>) {
        self.owner = officer;
        if self.owner.is_some() {
            let mut nobodys = std::mem::take(&mut self.nobody);
            self.edit_own(|own| own.take_over(&mut nobodys));
            self.nobody = nobodys;
        }
    }

    /// The keys under which something may have been taken, of whoever it is.
    pub fn keys(&self) -> BTreeSet<IntentKey> {
        let all = self.officers.values().chain([&self.nobody]);
        all.flat_map(Drafts::keys).collect()
    }

    /// Forgets what the hall has taken under a key, of whoever it is.
    pub fn forget(&mut self, taken: IntentKey, mut mint: impl FnMut() -> IntentKey) {
        self.edit_all(|drafts| drafts.forget(taken, mint()));
    }

    /// Forgets the words of an order that is on its way.
    pub fn forget_instruction(&mut self, incident: IncidentId, sent: &str) {
        self.edit_all(|drafts| {
            let is_sent = |words: &String| words.trim() == sent;
            if drafts.instructions.get(&incident).is_some_and(is_sent) {
                drafts.instructions.remove(&incident);
            }
        });
    }

    fn edit_all(&mut self, mut change: impl FnMut(&mut Drafts)) {
        self.officers.values_mut().for_each(&mut change);
        self.officers.retain(|_, drafts| !drafts.is_empty());
        change(&mut self.nobody);
    }
}

/// Whether whoever has just signed in goes on with what was begun before: with their own, and with what
/// was begun while nobody was signed in.
pub fn may_go_on(begun_by: Option<&OfficerId>, officer: &OfficerId) -> bool {
    begun_by.is_none_or(|by| by == officer)
}

/// Maps whose keys are no texts, which JSON has no other way to write.
pub mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a map as a list of pairs.
    pub fn serialize<K, V, S>(map: &BTreeMap<K, V>, serializer: S) -> Result<S::Ok, S::Error>
    where
        K: Serialize,
        V: Serialize,
        S: Serializer,
    {
        serializer.collect_seq(map)
    }

    /// Reads it back.
    pub fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let pairs = Vec::<(K, V)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
