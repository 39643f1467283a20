//! What a wall must not show: full names, phones, identity numbers, and which officer does what. It
//! is taken out before anything is packed, so the wall's web view never holds it.

use domain::masking::{mask_name, mask_numbers, mask_phone};
use domain::modes::ModeInForce;
use domain::situation::Record;
use domain::trail::{Action, Actor};
use domain::{Incident, Intent, OfficerId, Order, Person};
use protocol::Reference;
use protocol::feed::{Notice, OutboxItem, Picture, PictureChange, PushedView};

fn mask_person(person: &mut Person) {
    person.name = mask_name(&person.name);
    person.phone = mask_phone(&person.phone);
}

fn mask_officer(officer: &mut OfficerId) {
    officer.0 = mask_name(&officer.0);
}

fn mask_text(text: &mut String) {
    *text = mask_numbers(text);
}

fn mask_incident(incident: &mut Incident) {
    mask_text(&mut incident.title);
    // No wall shows it, and it may say who called and where they can be called back.
    incident.description.clear();
    mask_text(&mut incident.address);
    mask_text(&mut incident.level_reason);
    mask_text(&mut incident.level_reason_en);
    incident.particulars.caller = None;
    incident.particulars.origin = None;
    let course = &mut incident.course;
    course.passed_on_by.values_mut().for_each(mask_actor);
    if let Some(returned) = &mut course.returned {
        mask_actor(&mut returned.by);
        returned.to.iter_mut().for_each(mask_actor);
    }
}

fn mask_actor(actor: &mut Actor) {
    if let Actor::Officer(officer) = actor {
        mask_officer(officer);
    }
}

fn mask_order(order: &mut Order) {
    mask_officer(&mut order.by);
    mask_text(&mut order.instruction);
    order.override_reason.iter_mut().for_each(mask_text);
    for stamp in &mut order.stamps {
        stamp.note.iter_mut().for_each(mask_text);
    }
}

/// Whatever an officer has written in free words.
fn mask_action(action: &mut Action) {
    match action {
        Action::Note { text } | Action::ReplyToSupervision { text } => mask_text(text),
        Action::SetLevel {
            level_reason,
            level_reason_en,
            ..
        } => {
            mask_text(level_reason);
            mask_text(level_reason_en);
        }
        Action::Whistle { deliberation, .. } => mask_text(deliberation),
        Action::Handled { result, .. }
        | Action::Assisted { result, .. }
        | Action::WhistleHandled { result, .. } => mask_text(result),
        Action::Report(facts) => {
            mask_text(&mut facts.title);
            facts.description.clear();
            mask_text(&mut facts.address);
        }
        _ => {}
    }
}

/// A wall counts what waits; why something waits may name its officer.
fn mask_item(item: &mut OutboxItem) {
    mask_officer(&mut item.proposal.officer);
    item.last_error = None;
    item.conflict = None;
    item.proposal.basis = None;
    match &mut item.proposal.intent {
        Intent::SendOrder {
            instruction,
            override_reason,
            ..
        }
        | Intent::SendOrders {
            instruction,
            override_reason,
            ..
        } => {
            mask_text(instruction);
            override_reason.iter_mut().for_each(mask_text);
        }
        Intent::WithdrawOrder { reason, .. } => mask_text(reason),
        Intent::Act { action, reason, .. } => {
            mask_action(action);
            reason.iter_mut().for_each(mask_text);
        }
        Intent::Report { matter, .. } => {
            mask_text(&mut matter.title);
            matter.description.clear();
            mask_text(&mut matter.address);
            matter.particulars.caller = None;
            matter.particulars.origin = None;
        }
        Intent::SetMode { .. } => {}
        Intent::LogDuty { text } => text.clear(),
        Intent::HandOver { sheet } => {
            mask_officer(&mut sheet.outgoing);
            mask_officer(&mut sheet.incoming);
            sheet.undone.clear();
            sheet.remarks.clear();
        }
    }
}

/// A wall says since when, and not who.
fn mask_mode(mode: &mut ModeInForce) {
    let officer = mode.switch.as_mut().and_then(|by| by.officer.as_mut());
    officer.into_iter().for_each(mask_officer);
}

/// The kind says what a wall has to say; the detail may name officers and files.
fn mask_notice(notice: &mut Notice) {
    notice.detail.clear();
}

fn mask_pushed(view: &mut PushedView) {
    view.by = mask_name(&view.by);
}

/// Masks a whole picture.
pub fn mask_picture(picture: &mut Picture) {
    picture.officer = None;
    picture.is_offline_sign_in = false;
    let situation = &mut picture.situation;
    situation.people.values_mut().for_each(mask_person);
    situation.incidents.values_mut().for_each(mask_incident);
    situation.orders.values_mut().for_each(mask_order);
    mask_mode(&mut situation.mode);
    // What happened on duty and who had it is for the desk.
    situation.duty_log.clear();
    situation.handovers.clear();
    picture.outbox.iter_mut().for_each(mask_item);
    picture.notices.iter_mut().for_each(mask_notice);
    picture.pushed_view.iter_mut().for_each(mask_pushed);
}

/// Masks one change; `None` when nothing of it may be shown.
pub fn mask_change(mut change: PictureChange) -> Option<PictureChange> {
    match &mut change {
        PictureChange::Record(record) => match record {
            Record::Person(person) => mask_person(person),
            Record::Incident(incident) => mask_incident(incident),
            Record::Order(order) => mask_order(order),
            Record::Mode(mode) => mask_mode(mode),
            Record::DutyEntry(_) | Record::Handover(_) => return None,
        },
        PictureChange::Outbox(items) | PictureChange::OutboxItems(items) => {
            items.iter_mut().for_each(mask_item);
        }
        PictureChange::Notice(notice) => mask_notice(notice),
        PictureChange::PushedView(view) => view.iter_mut().for_each(mask_pushed),
        PictureChange::Officer(_) | PictureChange::OfflineSignIn(_) => return None,
        PictureChange::Positions(_)
        | PictureChange::PositionsGone(_)
        | PictureChange::Line(_)
        | PictureChange::OutboxLeft(_)
        | PictureChange::Reference { .. }
        | PictureChange::TrailGrew(_)
        | PictureChange::IncidentGone(_) => {}
    }
    Some(change)
}

/// Masks the reference data: nobody signs in at a wall.
pub fn mask_reference(reference: &mut Reference) {
    reference.officers.clear();
}
