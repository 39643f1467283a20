//! What the desk knows beyond the hall's picture: its filter, its open dialogs, the proposal it
//! shows and the calls that are under way.

use std::collections::BTreeSet;
use std::ops::Deref;

use domain::duty::HandoverSheet;
use domain::sets::IncidentSet;
use domain::trail::{OfficerRole, TrailEntry};
use domain::{DepartmentId, IncidentId, IntentKey, OfficerId, OrderId, PersonId, Timestamp};
use leptos::prelude::*;
use protocol::UiError;
use protocol::commands::{SeenIncident, ShownProposal};
use uuid::Uuid;

use super::actions::Step;
use super::duty::Draft;
use super::keeping;
use super::proposal::Replacing;
use super::queue::{Narrowing, QueueFilter, QueueSort, queue};
use super::report_state::ReportForm;
use super::tasks::Task;
use super::typed::{Kept, Typed};
use super::undo::UndoWindows;
use super::whistles::Choice;
use crate::components::Toasts;
use crate::map_view::{MapControl, use_map};
use crate::state::{HallContext, Selection, Slice};

/// What the proposal panel shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ProposalView {
    /// Nothing to propose.
    #[default]
    None,
    /// The ranking for this incident has been asked for and nothing is known yet.
    Asked(IncidentId),
    /// A ranking.
    Shown(ShownProposal),
    /// The ranking could not be had.
    Failed(IncidentId, UiError),
}

impl ProposalView {
    /// The incident that it is about.
    pub const fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::None => None,
            Self::Asked(incident) | Self::Failed(incident, _) => Some(*incident),
            Self::Shown(shown) => Some(shown.incident),
        }
    }
}

/// What the trail panel shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum TrailView {
    /// Asked for, not there yet.
    #[default]
    Loading,
    /// Oldest first.
    Shown(Vec<TrailEntry>),
    /// It could not be read.
    Failed(UiError),
}

/// A dialog that waits for the officer; at most one is open.
#[derive(Debug, Clone, PartialEq)]
pub enum DeskDialog {
    /// Sign in, then go on with what was begun.
    SignIn(Option<Box<Task>>),
    /// A step that needs words.
    Step {
        /// Minted when the dialog opened, so that every click on its button is one intent.
        key: IntentKey,
        /// The incident.
        incident: IncidentId,
        /// The step.
        step: Step,
        /// The incident as it was shown when it opened.
        seen: Option<SeenIncident>,
        /// The parked step in whose place it comes, and what stands in that one.
        replaces: Option<(IntentKey, String)>,
    },
    /// Send something that is in conflict all the same.
    SendAnyway {
        /// The parked proposal.
        parked: IntentKey,
        /// Minted when its card was shown.
        key: IntentKey,
        /// Steps of the incident that the card shows.
        seen_steps: u32,
        /// What it is, in words.
        what: String,
    },
    /// Send somebody who is not offered.
    Override {
        /// Name.
        name: String,
        /// What speaks against, in words.
        objections: String,
        /// The order, still without the reason.
        task: Box<Task>,
    },
    /// Take an order back after the seconds of grace.
    Withdraw {
        /// The order.
        order: OrderId,
        /// To whom it went.
        name: String,
        /// Its incident as it was shown when the dialog opened.
        seen: Option<SeenIncident>,
    },
    /// Give up a proposal that was refused, or that has not left.
    Drop {
        /// The proposal.
        key: IntentKey,
        /// What it is, in words.
        what: String,
        /// Whether it is a report, with which all that waits behind it is given up.
        is_report: bool,
    },
    /// Blow the whistle.
    Whistle {
        /// Minted when the dialog opened.
        key: IntentKey,
        /// The incident.
        incident: IncidentId,
        /// The incident as it was shown when the dialog opened.
        seen: Option<SeenIncident>,
        /// Whether its level needs a reason.
        needs_reason: bool,
        /// The departments that may be called.
        choices: Vec<Choice>,
    },
    /// Record that a called department is done.
    WhistleDone {
        /// Minted when the dialog opened.
        key: IntentKey,
        /// The incident.
        incident: IncidentId,
        /// The incident as it was shown when the dialog opened.
        seen: Option<SeenIncident>,
        /// The whistle.
        whistle: u16,
        /// The department.
        department: DepartmentId,
        /// Its name.
        name: String,
    },
    /// Switch the mode.
    Mode {
        /// Minted when the dialog opened.
        key: IntentKey,
        /// The mode wanted.
        mode: domain::intents::Mode,
        /// Whether it may be begun as a drill.
        may_be_drill: bool,
    },
    /// The list of shortcuts.
    Shortcuts,
    /// Hand the desk over.
    Handover,
    /// A handover that both have signed.
    HandoverSheet(Box<HandoverSheet>),
}

/// Access to the desk's own state from any component below; copies mean the same desk.
#[derive(Clone, Copy)]
pub struct DeskContext(&'static DeskSignals);

impl Deref for DeskContext {
    type Target = DeskSignals;

    fn deref(&self) -> &DeskSignals {
        self.0
    }
}

/// The signals of the desk.
pub struct DeskSignals {
    /// The hall.
    pub hall: HallContext,
    /// The map.
    pub map: MapControl,
    /// What narrows the queue within the set that [`HallContext::filter`] names.
    pub narrowing: RwSignal<Narrowing>,
    /// The incident that the detail shows: the one selected last, kept while a person, a grid or
    /// nothing is selected on the map.
    pub incident: Memo<Option<IncidentId>>,
    /// Where the shown incident stood in the queue when it was last there.
    pub last_place: StoredValue<Option<usize>>,
    /// Order of the queue.
    pub sort: RwSignal<QueueSort>,
    /// Numbers of the queue, in order.
    pub rows: Memo<Vec<IncidentId>>,
    /// The proposal for the selected incident.
    pub proposal: RwSignal<ProposalView>,
    /// Words of the order as the officer has changed them; `None` while the suggested ones stand.
    pub instruction: RwSignal<Option<String>>,
    /// The parked order that the next one replaces.
    pub replacing: RwSignal<Option<Replacing>>,
    /// Set for a moment after another responder has become the best, so that a click that was
    /// already on its way sends nobody whom the officer has not seen.
    pub is_settling: RwSignal<bool>,
    /// The trail of the selected incident.
    pub trail: RwSignal<TrailView>,
    /// Orders that one click takes back.
    pub undo: RwSignal<UndoWindows>,
    /// The orders that were sent last, newest last, with their incidents.
    pub sent: RwSignal<Vec<(IncidentId, OrderId)>>,
    /// The open dialog.
    pub dialog: RwSignal<Option<DeskDialog>>,
    /// Whether the outbox panel is open.
    pub is_outbox_open: RwSignal<bool>,
    /// Whether the duty log is open.
    pub is_duty_open: RwSignal<bool>,
    /// The entry of the duty log that is being written.
    pub duty_entry: RwSignal<Typed>,
    /// What is typed into the handover form.
    pub handover: RwSignal<Draft>,
    /// What everybody has typed at this window and not sent.
    pub kept: StoredValue<Kept>,
    /// Who had the desk when the open dialog was opened: what is typed into it is theirs.
    pub opened_by: StoredValue<Option<OfficerId>>,
    /// An instant of this day, which changes at midnight: what shows times of day says the date of
    /// those that are from another one.
    pub today: Memo<Timestamp>,
    /// Names of calls under way (see [`Task::name`]), so that their buttons rest.
    pub busy: RwSignal<BTreeSet<String>>,
    /// Sentences for the officer.
    pub toasts: Toasts,
    /// Error inside the open dialog, said there rather than behind it.
    pub dialog_error: RwSignal<Option<String>>,
    /// The signed-in officer's role.
    pub role: Memo<Option<OfficerRole>>,
    /// The form of a new matter.
    pub report: ReportForm,
}

/// The desk that [`DeskContext::provide`] put into the context.
pub fn use_desk() -> DeskContext {
    expect_context()
}

/// A new key for a new intent.
pub fn mint_key() -> IntentKey {
    let ms = crate::clock::local_now().unix_ms().unsigned_abs();
    let at = uuid::Timestamp::from_unix(uuid::NoContext, ms / 1000, (ms % 1000) as u32 * 1_000_000);
    IntentKey(Uuid::new_v7(at))
}

fn is_same_dialog(open: Option<&DeskDialog>, asked_in: Option<&DeskDialog>) -> bool {
    asked_in.is_some() && open == asked_in
}

impl DeskContext {
    /// A desk over the hall that speaks through the toasts.
    pub fn new(hall: HallContext, toasts: Toasts) -> Self {
        let narrowing = RwSignal::new(Narrowing::default());
        let sort = RwSignal::new(QueueSort::default());
        let role = hall.memo(&[Slice::Officer], |hall, _, _| {
            hall.officer.as_ref().map(|officer| officer.role)
        });
        let incident = Memo::new(move |before: Option<&Option<IncidentId>>| {
            // A matter that was selected without a number is the same one with it.
            hall.track(Slice::Incidents);
            let selected = hall
                .selection
                .with(Selection::incident)
                .or_else(|| before.copied().flatten());
            selected.map(|id| hall.with(|hall| hall.situation.number_of(id)))
        });
        let rows = Memo::new(move |_| {
            hall.track(Slice::Incidents);
            hall.track(Slice::Second);
            let filter = QueueFilter {
                set: hall.filter.get(),
                narrowing: narrowing.get(),
            };
            let sort = sort.get();
            let now = hall.now.get_untracked();
            hall.catalogue.with(|catalogue| {
                let rules = catalogue.as_ref().map(|c| &c.reference.rules);
                hall.with(|hall| queue(&hall.situation, &filter, sort, rules, now))
            })
        });
        let kept = keeping::kept();
        let own = kept.own();
        let signals = DeskSignals {
            hall,
            map: use_map(),
            narrowing,
            incident,
            last_place: StoredValue::new(None),
            sort,
            rows,
            proposal: RwSignal::new(ProposalView::None),
            instruction: RwSignal::new(None),
            replacing: RwSignal::new(None),
            is_settling: RwSignal::new(false),
            trail: RwSignal::new(TrailView::Loading),
            undo: RwSignal::new(UndoWindows::default()),
            sent: RwSignal::new(Vec::new()),
            dialog: RwSignal::new(None),
            is_outbox_open: RwSignal::new(false),
            is_duty_open: RwSignal::new(false),
            duty_entry: RwSignal::new(keeping::log_entry(&own)),
            handover: RwSignal::new(keeping::handover(&own)),
            kept: StoredValue::new(kept),
            opened_by: StoredValue::new(None),
            today: hall.today(),
            busy: RwSignal::new(BTreeSet::new()),
            toasts,
            dialog_error: RwSignal::new(None),
            role,
            report: ReportForm::new(own.report),
        };
        // One desk lives as long as its page, so nothing is ever given back.
        let desk = Self(Box::leak(Box::new(signals)));
        desk.keep_place();
        desk
    }

    /// Remembers where in the list the shown incident stands, for when it leaves the list.
    fn keep_place(self) {
        Effect::new(move |_| {
            let shown = self.incident.get();
            let place = self
                .rows
                .with(|rows| rows.iter().position(|row| Some(*row) == shown));
            if shown.is_none() || place.is_some() {
                self.last_place.set_value(place);
            }
        });
    }

    /// Makes the desk available to all components below.
    pub fn provide(self) {
        provide_context(self);
    }

    /// Whether an officer is signed in.
    pub fn is_signed_in(self) -> bool {
        self.role.get().is_some()
    }

    /// Selects an incident.
    pub fn select(self, incident: IncidentId) {
        self.hall.selection.set(Selection::Incident(incident));
    }

    /// An incident as this window shows it now; `None` when it shows none. What is decided upon it
    /// counts only against this, however far the hall has come meanwhile.
    pub fn seen(self, incident: IncidentId) -> Option<SeenIncident> {
        self.hall.with(|hall| {
            let situation = &hall.situation;
            let shown = situation.incidents.get(&situation.number_of(incident));
            shown.map(SeenIncident::of)
        })
    }

    /// Opens a dialog.
    pub fn open(self, dialog: DeskDialog) {
        if !matches!(dialog, DeskDialog::SignIn(_)) {
            // Whoever signs in goes on with what the dialog before it has asked for.
            let owner = self.kept.with_value(|kept| kept.owner().cloned());
            self.opened_by.set_value(owner);
        }
        self.dialog_error.set(None);
        self.dialog.set(Some(dialog));
    }

    /// Whether the dialog is still open in which something was asked for; by the time of the answer
    /// it may have given way to another, which is none of the answer's business.
    pub fn is_still_open(self, asked_in: Option<&DeskDialog>) -> bool {
        self.dialog
            .with_untracked(|open| is_same_dialog(open.as_ref(), asked_in))
    }

    /// Closes the dialog in which something was asked for, and no other.
    pub fn close_answered(self, asked_in: Option<&DeskDialog>) {
        if self.is_still_open(asked_in) {
            self.close_dialog();
        }
    }

    /// Closes the open dialog.
    pub fn close_dialog(self) {
        self.dialog.set(None);
        self.dialog_error.set(None);
    }

    /// Shows or hides the outbox, in the place of the duty log.
    pub fn toggle_outbox(self) {
        self.is_duty_open.set(false);
        self.is_outbox_open.update(|open| *open = !*open);
    }

    /// Shows or hides the duty log, in the place of the outbox.
    pub fn toggle_duty(self) {
        self.is_outbox_open.set(false);
        self.is_duty_open.update(|open| *open = !*open);
    }

    /// Shows a set in list and map, and all of it: what narrowed the list before would leave out some
    /// of what was counted.
    pub fn show_set(self, set: IncidentSet) {
        self.narrowing.set(Narrowing::default());
        self.hall.filter.set(set);
    }

    /// Shows a counted set; asked for again, everything open.
    pub fn toggle_set(self, set: IncidentSet) {
        let is_shown = self.hall.filter.with_untracked(|shown| *shown == set);
        self.show_set(if is_shown { IncidentSet::Open } else { set });
    }

    /// Closes the card of a person or grid and goes back to the incident.
    pub fn close_card(self) {
        let back = self
            .incident
            .get_untracked()
            .map_or(Selection::Nothing, Selection::Incident);
        self.hall.selection.set(back);
    }

    /// Selects a person, on the map and as a card.
    pub fn show_person(self, person: PersonId) {
        self.hall.selection.set(Selection::Person(person));
    }

    /// The order about the incident that one click takes back, with the seconds left.
    pub fn undoable(self, incident: IncidentId) -> Option<(OrderId, u8)> {
        let now = self.hall.now.get();
        let exact = self.hall.exact_now().max(now);
        let number = |id| self.hall.with(|hall| hall.situation.number_of(id));
        self.sent.with(|sent| {
            self.undo.with(|undo| {
                sent.iter()
                    .rev()
                    .filter(|(of, _)| number(*of) == incident)
                    .find_map(|(_, order)| Some((*order, undo.seconds_left(*order, exact)?)))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn an_answer_closes_the_dialog_that_asked_and_no_other() {
        let drop = |number| DeskDialog::Drop {
            key: sample::key(number),
            what: String::new(),
            is_report: false,
        };
        let (asking, other) = (drop(1), drop(2));
        assert!(is_same_dialog(Some(&asking), Some(&asking)));
        assert!(!is_same_dialog(Some(&other), Some(&asking)));
        assert!(!is_same_dialog(None, Some(&asking)));
        // A panel asked, and a dialog was opened meanwhile, or none.
        assert!(!is_same_dialog(Some(&other), None));
        assert!(!is_same_dialog(None, None));
    }
}
