//! Reads who is charged with a category: the responsibility list and the reasons for a refusal.

use domain::RefusalReasonId;
use domain::admission::grid_of;
use domain::people::Post;
use domain::rules::Rules;
use toml::Spanned;

use crate::categories::{MajorText, MinorText};
use crate::fault::{Faults, Source};
use crate::texts::word;

/// The responsibility list of a major, or of a minor with what it takes from its major.
#[derive(Debug)]
pub struct Charges<'t> {
    /// Who may lead, the first before the others.
    pub posts: &'t Spanned<Vec<Post>>,
    assist_posts: Option<&'t Spanned<Vec<Post>>>,
    /// Whether grid posts may lead.
    pub grid_may_be_charged: bool,
    refusal_reasons: &'t [Spanned<String>],
    /// Those that stand with this category itself; the others have been checked with its major.
    own_refusals: &'t [Spanned<String>],
}

impl<'t> Charges<'t> {
    /// What the text says.
    pub fn of(major: &'t MajorText, minor: Option<&'t MinorText>) -> Self {
        Self {
            posts: minor
                .and_then(|minor| minor.posts.as_ref())
                .unwrap_or(&major.posts),
            assist_posts: minor
                .and_then(|minor| minor.assist_posts.as_ref())
                .or(major.assist_posts.as_ref()),
            grid_may_be_charged: minor
                .and_then(|minor| minor.grid_may_be_charged)
                .unwrap_or(major.grid_may_be_charged),
            refusal_reasons: minor
                .and_then(|minor| minor.refusal_reasons.as_deref())
                .unwrap_or(&major.refusal_reasons),
            own_refusals: minor.map_or(&major.refusal_reasons, |minor| {
                minor.refusal_reasons.as_deref().unwrap_or_default()
            }),
        }
    }

    /// Posts that assist. A minor's own lead posts win over those that its major lets assist.
    pub fn assist_posts(&self) -> Vec<Post> {
        let posts = self.assist_posts.map_or(&[][..], |posts| posts.get_ref());
        let leads = self.posts.get_ref();
        posts
            .iter()
            .filter(|post| !leads.contains(post))
            .copied()
            .collect()
    }

    /// The reasons that hold everywhere and those of the category, in the order of the reasons.
    pub fn allowed_refusals(&self, rules: &Rules) -> Vec<RefusalReasonId> {
        rules
            .refusal_reasons
            .iter()
            .filter(|reason| {
                reason.holds_everywhere
                    || self
                        .refusal_reasons
                        .iter()
                        .any(|own| own.get_ref() == reason.id.as_str())
            })
            .map(|reason| reason.id.clone())
            .collect()
    }

    /// Adds what is wrong with the list of the category `code`.
    pub fn check(&self, at: &Source, code: &str, rules: &Rules, faults: &mut Faults) {
        let field = format!("{code}.posts");
        let posts = self.posts.get_ref();
        faults.require(!posts.is_empty(), at, self.posts, &field, || {
            "the responsibility list needs at least its lead post".to_owned()
        });
        check_once(at, self.posts, &field, faults);
        if let Some(assist) = self.assist_posts {
            check_once(at, assist, &format!("{code}.assist_posts"), faults);
        }
        let grid_post = posts.iter().find(|post| grid_of(**post).is_some());
        let is_sound = self.grid_may_be_charged || grid_post.is_none();
        faults.require(is_sound, at, self.posts, &field, || {
            format!(
                "{} works for a grid, and grid_may_be_charged is false",
                grid_post.map(word).unwrap_or_default()
            )
        });
        for reason in self.own_refusals {
            let is_known = rules
                .refusal_reasons
                .iter()
                .any(|known| known.id.as_str() == reason.get_ref());
            let field = format!("{code}.refusal_reasons");
            faults.require(is_known, at, reason, &field, || {
                format!("no refusal_reason has the id \"{}\"", reason.get_ref())
            });
        }
    }
}

fn check_once(at: &Source, posts: &Spanned<Vec<Post>>, field: &str, faults: &mut Faults) {
    let list = posts.get_ref();
    let is_twice = list
        .iter()
        .enumerate()
        .any(|(i, post)| list[..i].contains(post));
    faults.require(!is_twice, at, posts, field, || {
        "names a post twice".to_owned()
    });
}
