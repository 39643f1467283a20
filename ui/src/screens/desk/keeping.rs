//! Keeps what is typed in the window's session, so that neither Esc nor a reload of the window loses
//! it. It is no file: what officers and callers say lies on the disk only where it is encrypted.

use domain::{IncidentId, Intent, IntentKey, OfficerId};
use leptos::prelude::*;

use super::duty::Draft;
use super::report;
use super::state::{DeskContext, DeskDialog, ProposalView, TrailView, mint_key};
use super::tasks::Task;
use super::typed::{About, Drafts, Kept, Typed, Words};
use crate::state::Slice;

/// Name under which it is kept.
const KEPT_AS: &str = "streethall-typed";

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// What was kept before the window was loaded.
pub fn kept() -> Kept {
    let text = storage().and_then(|storage| storage.get_item(KEPT_AS).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

fn keep(kept: &Kept) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(kept)) {
        // A session without room for some pages of text keeps nothing; the fields themselves have it.
        storage.set_item(KEPT_AS, &text).ok();
    }
}

/// The entry of the duty log as it was typed so far.
pub fn log_entry(own: &Drafts) -> Typed {
    own.log.clone().unwrap_or_else(|| Typed::new(mint_key()))
}

/// The handover as it was filled in so far.
pub fn handover(own: &Drafts) -> Draft {
    let empty = || Draft::new(mint_key(), mint_key());
    own.handover.clone().unwrap_or_else(empty)
}

/// The words of a dialog while it is open; copies mean the same ones.
#[derive(Clone, Copy)]
pub struct OpenWords {
    desk: DeskContext,
    about: StoredValue<(Option<OfficerId>, Option<About>)>,
    typed: RwSignal<Typed>,
    /// Whether they were typed when it was open before.
    pub are_back: bool,
}

impl OpenWords {
    /// What was typed about this before, with its key; where nothing was, `initial` with `key`.
    pub fn open(desk: DeskContext, about: Option<About>, key: IntentKey, initial: String) -> Self {
        let owner = desk.opened_by.get_value();
        let own = desk.kept.with_value(|kept| kept.of(owner.as_ref()));
        let before = about
            .as_ref()
            .and_then(|about| own.dialogs.get(about).cloned());
        let are_back = before.is_some();
        let typed = before.unwrap_or_else(|| Typed {
            words: Words::of(initial),
            ..Typed::new(key)
        });
        Self {
            desk,
            about: StoredValue::new((owner, about)),
            typed: RwSignal::new(typed),
            are_back,
        }
    }

    /// What is typed.
    pub fn words(self) -> Words {
        self.typed.with_untracked(|typed| typed.words.clone())
    }

    /// The key of the next click on the same words.
    pub fn key(self) -> IntentKey {
        self.typed.with(|typed| typed.key)
    }

    /// Types something.
    pub fn edit(self, change: impl FnOnce(&mut Words)) {
        self.typed.update(|typed| change(&mut typed.words));
        self.keep();
    }

    /// The key of a click on what is typed.
    pub fn click(self) -> IntentKey {
        let mut typed = self.typed.get_untracked();
        let key = typed.click(mint_key());
        self.typed.set(typed);
        self.keep();
        key
    }

    fn keep(self) {
        let (owner, about) = self.about.get_value();
        let typed = self.typed.get_untracked();
        if let Some(about) = about {
            self.desk
                .change_kept(|kept| kept.edit(owner.as_ref(), |own| own.put_dialog(about, typed)));
        }
    }
}

impl DeskContext {
    /// Keeps from now on what is typed, and shows each officer their own.
    pub fn keep_typed(self) {
        Effect::new(move |_| {
            let entry = self.duty_entry.get();
            self.change_kept(|kept| kept.edit_own(|own| own.put_log(entry)));
        });
        Effect::new(move |_| {
            let draft = self.handover.get();
            self.change_kept(|kept| kept.edit_own(|own| own.put_handover(draft)));
        });
        Effect::new(move |_| {
            let draft = self.report.draft.get();
            self.change_kept(|kept| kept.edit_own(|own| own.put_report(draft)));
        });
        self.keep_instruction();
        self.follow_officer();
        self.forget_what_is_taken();
    }

    fn change_kept(self, change: impl FnOnce(&mut Kept)) {
        self.kept.update_value(|kept| {
            change(kept);
            keep(kept);
        });
    }

    /// The number that a matter had first, which stays the same when it gets another.
    pub fn first_number(self, incident: IncidentId) -> IncidentId {
        self.hall.with(|hall| {
            let situation = &hall.situation;
            let id = situation.number_of(incident);
            let shown = situation.incidents.get(&id);
            let first = shown.and_then(|shown| shown.particulars.provisional);
            first.unwrap_or(id)
        })
    }

    /// The changed words of an order are kept for their incident: they are back when it is selected
    /// again.
    fn keep_instruction(self) {
        Effect::new(move |before: Option<Option<IncidentId>>| {
            let shown = self.proposal.with(ProposalView::incident);
            let words = self.instruction.get();
            let incident = self.first_number(shown?);
            if before.flatten() == Some(incident) {
                self.change_kept(|kept| kept.edit_own(|own| own.put_instruction(incident, words)));
            } else if words.is_none() {
                self.bring_instruction_back(incident);
            }
            Some(incident)
        });
    }

    fn bring_instruction_back(self, incident: IncidentId) {
        let words = self
            .kept
            .with_value(|kept| kept.own().instructions.remove(&incident));
        if self.instruction.with_untracked(|shown| *shown != words) {
            self.instruction.set(words);
        }
    }

    /// Shows each officer what they have typed and nobody else.
    fn follow_officer(self) {
        let officer = self.hall.memo(&[Slice::Officer], |hall, _, _| {
            hall.officer.as_ref().map(|officer| officer.id.clone())
        });
        Effect::new(move |_| {
            let officer = officer.get();
            if self
                .kept
                .with_value(|kept| kept.owner() == officer.as_ref())
            {
                return;
            }
            self.put_dialog_away(officer.as_ref());
            let shown = untrack(|| self.proposal.with(ProposalView::incident));
            let incident = shown.map(|incident| self.first_number(incident));
            let entry = self.duty_entry.get_untracked();
            let handed = self.handover.get_untracked();
            let report = self.report.draft.get_untracked();
            let words = self.instruction.get_untracked();
            self.change_kept(|kept| {
                kept.edit_own(|own| {
                    own.put_log(entry);
                    own.put_handover(handed);
                    own.put_report(report);
                    if let Some(incident) = incident {
                        own.put_instruction(incident, words);
                    }
                });
                kept.pass_to(officer);
            });
            let own = self.kept.with_value(Kept::own);
            self.duty_entry.set(log_entry(&own));
            self.handover.set(handover(&own));
            self.show_report(own.report);
            match incident {
                Some(incident) => self.bring_instruction_back(incident),
                None => self.instruction.set(None),
            }
        });
    }

    /// Closes a dialog with somebody else's words in it, which are there again when they come back.
    fn put_dialog_away(self, officer: Option<&OfficerId>) {
        let is_others = self
            .opened_by
            .with_value(|by| by.is_some() && by.as_ref() != officer);
        let has_words = self
            .dialog
            .with_untracked(|open| open.as_ref().is_some_and(|open| self.about(open).is_some()));
        if is_others && has_words {
            self.close_dialog();
        }
    }

    /// Forgets what the hall has taken although the window was loaded anew before it heard so.
    fn forget_what_is_taken(self) {
        Effect::new(move |_| {
            self.hall.track(Slice::Outbox);
            self.hall.track(Slice::Duty);
            let waiting = self.kept.with_value(Kept::keys);
            let mut taken = self.hall.with(|hall| {
                let situation = &hall.situation;
                let queued = hall.outbox.iter().map(|item| item.proposal.key);
                let logged = situation.duty_log.keys().chain(situation.handovers.keys());
                let all = queued.chain(logged.copied());
                all.filter(|key| waiting.contains(key)).collect::<Vec<_>>()
            });
            self.trail.with(|trail| {
                if let TrailView::Shown(trail) = trail {
                    let done = trail.iter().filter_map(|entry| entry.mandate.as_ref());
                    let done = done.map(|mandate| mandate.intent);
                    taken.extend(done.filter(|key| waiting.contains(key)));
                }
            });
            for key in taken {
                self.forget_taken(key);
            }
            self.forget_queued_instructions();
        });
    }

    fn forget_queued_instructions(self) {
        let orders: Vec<(IncidentId, String)> = self.hall.with(|hall| {
            let items = hall.outbox.iter();
            let orders = items.filter_map(|item| match &item.proposal.intent {
                Intent::SendOrder {
                    incident,
                    instruction,
                    ..
                } => Some((*incident, instruction.clone())),
                _ => None,
            });
            orders.collect()
        });
        if !orders.is_empty() {
            self.change_kept(|kept| {
                for (incident, sent) in orders {
                    kept.forget_instruction(self.first_number(incident), &sent);
                }
            });
        }
    }

    /// Forgets what was typed for an intent that the hall has taken.
    pub fn forget_taken(self, key: IntentKey) {
        self.change_kept(|kept| kept.forget(key, mint_key));
        if self.duty_entry.with_untracked(|entry| entry.key == key) {
            self.duty_entry
                .update(|entry| *entry = entry.clone().after(key, mint_key()));
        }
        if self.handover.with_untracked(|draft| draft.key == key) {
            self.handover.set(Draft::new(mint_key(), mint_key()));
        }
        // While the call is on its way its own answer ends the form, and says what became of it.
        let is_taken = |draft: &report::Draft| [draft.key, draft.note_key].contains(&key);
        if !untrack(|| self.is_report_under_way())
            && self
                .report
                .draft
                .with_untracked(|draft| draft.as_ref().is_some_and(is_taken))
        {
            self.end_report();
        }
    }

    /// Forgets what was typed for a task that the hall has carried out.
    pub fn forget_done(self, task: &Task) {
        match task {
            Task::Act { key, .. } | Task::LogDuty { key, .. } => self.forget_taken(*key),
            other => {
                if let Some(about) = self.about_task(other) {
                    self.forget_dialog(&about);
                }
            }
        }
    }

    fn about_task(self, task: &Task) -> Option<About> {
        Some(match task {
            Task::Send { incident, to, .. } => About::Override(self.first_number(*incident), *to),
            Task::Withdraw { order, .. } => About::Withdraw(*order),
            Task::SendAnyway { parked, .. } => About::Anyway(*parked),
            _ => return None,
        })
    }

    /// What the words of a dialog are about; `None` where it asks for none.
    pub fn about(self, dialog: &DeskDialog) -> Option<About> {
        Some(match dialog {
            DeskDialog::Step {
                replaces: Some((parked, _)),
                ..
            } => About::Instead(*parked),
            DeskDialog::Step { incident, step, .. } => {
                About::Step(self.first_number(*incident), step.name().to_owned())
            }
            DeskDialog::SendAnyway { parked, .. } => About::Anyway(*parked),
            DeskDialog::Override { task, .. } => return self.about_task(task),
            DeskDialog::Withdraw { order, .. } => About::Withdraw(*order),
            DeskDialog::Whistle { incident, .. } => About::Whistle(self.first_number(*incident)),
            DeskDialog::WhistleDone {
                incident,
                whistle,
                department,
                ..
            } => About::WhistleDone(self.first_number(*incident), *whistle, department.clone()),
            _ => return None,
        })
    }

    /// Closes the open dialog at the officer's wish, with what is typed in it.
    pub fn cancel_dialog(self) {
        let about = self
            .dialog
            .with_untracked(|dialog| dialog.as_ref().and_then(|dialog| self.about(dialog)));
        if let Some(about) = about {
            self.forget_dialog(&about);
        }
        self.close_dialog();
    }

    /// Forgets the words of the dialog that was opened last. They are still those of whoever opened it,
    /// unless somebody has signed in since and taken them over.
    fn forget_dialog(self, about: &About) {
        let opened_by = self.opened_by.get_value();
        self.change_kept(|kept| {
            let is_openers = kept.of(opened_by.as_ref()).dialogs.contains_key(about);
            let whose = if is_openers {
                opened_by
            } else {
                kept.owner().cloned()
            };
            kept.edit(whose.as_ref(), |own| {
                own.dialogs.remove(about);
            });
        });
    }
}
