//! Reads the reasons for which the field may refuse an order.

use domain::RefusalReasonId;
use domain::admission::RefusalReason;
use domain::rules::Rules;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;
use crate::texts::{WordsText, check_id};

/// One reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalReasonText {
    id: Spanned<String>,
    words: WordsText,
    holds_everywhere: bool,
}

impl Section for Vec<Spanned<RefusalReasonText>> {
    const NAME: &'static str = "refusal_reason";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        for reason in text.get_ref() {
            let RefusalReasonText {
                id,
                words,
                holds_everywhere,
            } = reason.get_ref();
            let field = format!("{} {}", Self::NAME, id.get_ref());
            check_id(at, id, &format!("{field}.id"), faults);
            let known = &mut rules.refusal_reasons;
            let is_new = known.iter().all(|r| r.id.as_str() != id.get_ref());
            faults.require(is_new, at, id, &field, || "is given twice".to_owned());
            known.push(RefusalReason {
                id: RefusalReasonId(id.get_ref().clone()),
                words: words.read(at, &format!("{field}.words"), faults),
                holds_everywhere: *holds_everywhere,
            });
        }
    }
}
