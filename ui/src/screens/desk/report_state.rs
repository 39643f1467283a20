//! The form of a new matter on the desk: opened, kept, sent. What was typed is kept like all that is
//! typed at the desk (see [`super::keeping`]).

use domain::incidents::is_allowed;
use domain::trail::{Action, ActionKind, Taker};
use domain::{IncidentId, IntentKey, LonLat};
use leptos::prelude::*;
use rust_i18n::t;

use super::report::{CallerWords, Draft, Faults, Surroundings};
use super::state::{DeskContext, mint_key};
use super::tasks::{Task, Upon, step_name};
use crate::state::{Selection, Slice};

/// The signals of the form.
#[derive(Clone, Copy)]
pub struct ReportForm {
    /// What was typed; `None` while no form was begun.
    pub draft: RwSignal<Option<Draft>>,
    /// Whether the form is shown.
    pub is_open: RwSignal<bool>,
    /// Whether it was tried to send it, so that what is missing is said.
    pub has_tried: RwSignal<bool>,
    /// Why the hall did not take it.
    pub error: RwSignal<Option<String>>,
    /// Whether it is asked if the draft is to be thrown away.
    pub asks_to_discard: RwSignal<bool>,
}

impl ReportForm {
    /// The form with what was typed before.
    pub fn new(draft: Option<Draft>) -> Self {
        Self {
            draft: RwSignal::new(draft),
            is_open: RwSignal::new(false),
            has_tried: RwSignal::new(false),
            error: RwSignal::new(None),
            asks_to_discard: RwSignal::new(false),
        }
    }
}

/// Why no matter can be taken in now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportRests {
    /// There is no reference data: no categories to choose from.
    NoCatalogue,
    /// The officer who is signed in takes no matters in.
    NotForRole,
}

impl DeskContext {
    /// Forgets the draft once its matter is shown, and takes its place from the map.
    pub fn follow_report(self) {
        let form = self.report;
        Effect::new(move |_| {
            self.hall.track(Slice::Incidents);
            let taken = form.draft.with(|draft| {
                let number = draft.as_ref()?.provisional();
                self.hall.with(|hall| {
                    let situation = &hall.situation;
                    let shown = situation.number_of(number);
                    situation.incidents.contains_key(&shown).then_some(())
                })
            });
            if taken.is_some() && !self.is_busy(&report_name()) {
                self.end_report();
            }
        });
        let map = self.map;
        Effect::new(move |_| {
            if let Some(place) = map.placed.get() {
                map.placed.set(None);
                map.placing.set(false);
                self.edit_report(|draft| draft.put_place(place));
            }
        });
        Effect::new(move |_| {
            if !form.is_open.get() {
                map.placing.set(false);
            }
        });
    }

    /// Why no matter can be taken in, when none can.
    pub fn report_rests(self) -> Option<ReportRests> {
        if self.hall.catalogue.with(Option::is_none) {
            return Some(ReportRests::NoCatalogue);
        }
        let role = self.role.get()?;
        let may = is_allowed(Taker::Officer(role), ActionKind::Report);
        (!may).then_some(ReportRests::NotForRole)
    }

    /// Shows the form: the one that was begun, or an empty one with a key of its own.
    pub fn open_report(self) {
        if untrack(|| self.report_rests()).is_some() {
            return;
        }
        let form = self.report;
        if form.draft.with_untracked(Option::is_none) {
            let at = self.hall.exact_now();
            let draft = Draft::new(mint_key(), mint_key(), at);
            form.draft.set(Some(draft));
            form.has_tried.set(false);
        }
        form.error.set(None);
        form.asks_to_discard.set(false);
        form.is_open.set(true);
        let has_place = form
            .draft
            .with_untracked(|draft| draft.as_ref().is_some_and(|d| d.place().is_some()));
        // A key of the window has no owner, so nothing can be looked up in the context here.
        self.map.placing.set(!has_place);
    }

    /// Hides the form and keeps what was typed. Answers whether it was shown.
    pub fn hide_report(self) -> bool {
        let form = self.report;
        let was_open = form.is_open.get_untracked();
        if was_open {
            form.is_open.set(false);
            if form
                .draft
                .with_untracked(|draft| draft.as_ref().is_some_and(Draft::is_empty))
            {
                form.draft.set(None);
            }
        }
        was_open
    }

    /// The form is done with.
    pub fn end_report(self) {
        let form = self.report;
        form.is_open.set(false);
        form.draft.set(None);
        form.error.set(None);
        form.asks_to_discard.set(false);
    }

    /// Shows the draft of whoever has the desk now; the form stays open only over the same draft.
    pub fn show_report(self, draft: Option<Draft>) {
        let form = self.report;
        // An empty form is nobody's.
        let key = |draft: Option<&Draft>| draft.filter(|d| !d.is_empty()).map(|d| d.key);
        let shown = form.draft.with_untracked(|shown| key(shown.as_ref()));
        if shown != key(draft.as_ref()) {
            form.draft.set(draft);
            form.is_open.set(false);
            form.has_tried.set(false);
            form.error.set(None);
            form.asks_to_discard.set(false);
        }
    }

    /// Changes the draft.
    pub fn edit_report(self, change: impl FnOnce(&mut Draft)) {
        self.report.error.set(None);
        self.report.draft.update(|draft| {
            if let Some(draft) = draft {
                change(draft);
            }
        });
    }

    /// What is wrong with the form as it stands; empty while it can be sent.
    pub fn report_faults(self) -> Faults {
        self.report_matter().err().unwrap_or_default()
    }

    fn report_matter(self) -> Result<domain::NewMatter, Faults> {
        let is_drill_on = self.is_drill_on();
        let words = caller_words();
        self.hall.catalogue.with(|catalogue| {
            self.report.draft.with(|draft| {
                let (Some(catalogue), Some(draft)) = (catalogue, draft) else {
                    return Err(Faults::new());
                };
                draft.matter(&Surroundings {
                    rules: &catalogue.reference.rules,
                    street: &catalogue.reference.street.code,
                    is_drill_on,
                    words: &words,
                })
            })
        })
    }

    /// Whether a drill is on, to which what is reported may belong.
    pub fn is_drill_on(self) -> bool {
        self.hall.track(Slice::Mode);
        self.hall.with(|hall| hall.situation.mode.session.is_drill)
    }

    /// Takes the matter in, or says what is missing.
    pub fn send_report(self) {
        let form = self.report;
        form.has_tried.set(true);
        form.error.set(None);
        let Some((key, at)) = form
            .draft
            .with_untracked(|draft| draft.as_ref().map(|draft| (draft.key, draft.at)))
        else {
            return;
        };
        if untrack(|| self.is_report_under_way()) {
            return;
        }
        if let Ok(matter) = untrack(|| self.report_matter()) {
            let matter = Box::new(matter);
            self.perform(Task::TakeReport { key, at, matter });
        }
    }

    /// Whether the call is on its way already, as a matter or as a note on another one; it must not
    /// become both.
    pub fn is_report_under_way(self) -> bool {
        let note_key = self
            .report
            .draft
            .with(|draft| draft.as_ref().map(|draft| draft.note_key));
        self.is_busy(&report_name()) || note_key.is_some_and(|key| self.is_busy(&step_name(key)))
    }

    /// Writes what was reported on another matter instead.
    pub fn note_report_on(self, incident: IncidentId) {
        if untrack(|| self.is_report_under_way()) {
            return;
        }
        let written = self.hall.catalogue.with_untracked(|catalogue| {
            self.report.draft.with_untracked(|draft| {
                let (catalogue, draft) = (catalogue.as_ref()?, draft.as_ref()?);
                let rules = &catalogue.reference.rules;
                Some((draft.note_key, draft.as_note(rules, &caller_words())))
            })
        });
        if let Some((key, text)) = written {
            self.perform(Task::Act {
                key,
                incident,
                action: Action::Note { text },
                reason: None,
                upon: Upon::shown(self.seen(incident)),
            });
        }
    }

    /// The hall has taken the matter in: it is selected, and the form is done with.
    pub fn report_taken(self, key: IntentKey, incident: IncidentId) {
        let draft = self.report.draft;
        let is_shown = draft.with_untracked(|draft| draft.as_ref().is_some_and(|d| d.key == key));
        if is_shown {
            self.end_report();
        }
        self.forget_taken(key);
        self.select(incident);
        self.toasts.tell(t!("report.taken"));
    }

    /// A remark was queued; where it was written instead of a report, the form is done with.
    pub fn noted_instead(self, key: IntentKey, incident: IncidentId) {
        let is_instead = self
            .report
            .draft
            .with_untracked(|draft| draft.as_ref().is_some_and(|draft| draft.note_key == key));
        if is_instead {
            self.end_report();
            self.select(incident);
            self.toasts.tell(t!("report.noted"));
        }
    }

    /// Goes to the place of the draft.
    pub fn show_report_place(self, place: LonLat) {
        self.map.fly_to.set(Some(place));
    }

    /// What is selected follows a matter from its provisional number to its own.
    pub fn follow_numbers(self) {
        Effect::new(move |_| {
            self.hall.track(Slice::Incidents);
            let Some(selected) = self.hall.selection.with(Selection::incident) else {
                return;
            };
            let number = self.hall.with(|hall| hall.situation.number_of(selected));
            if number != selected {
                self.hall.selection.set(Selection::Incident(number));
            }
        });
    }
}

/// Name of the call that takes a matter in.
pub fn report_name() -> String {
    "report".to_owned()
}

fn caller_words() -> CallerWords {
    CallerWords {
        caller: t!("report.caller_line").into_owned(),
        phone: t!("report.phone_line").into_owned(),
        again: t!("report.again_line").into_owned(),
    }
}
