//! What a wall must not show: full names, phones and who is signed in. It is taken out before the
//! frame is packed, so the wall's web view never holds it.

use domain::Person;
use domain::masking::{mask_name, mask_phone};
use domain::situation::Record;
use protocol::feed::{Picture, PictureChange};

fn mask_person(person: &mut Person) {
    person.name = mask_name(&person.name);
    person.phone = mask_phone(&person.phone);
}

/// Masks a whole picture.
pub fn mask_picture(picture: &mut Picture) {
    picture.officer = None;
    picture.situation.people.values_mut().for_each(mask_person);
}

/// Masks one change; `None` when nothing of it may be shown.
pub fn mask_change(mut change: PictureChange) -> Option<PictureChange> {
    match &mut change {
        PictureChange::Record(Record::Person(person)) => mask_person(person),
        PictureChange::Officer(_) => return None,
        _ => {}
    }
    Some(change)
}
