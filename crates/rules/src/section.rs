//! A section of the rules files: one file of this crate, one table or value of the files.

use domain::rules::Rules;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::schema::RulesFile;

/// What one table or value of the rules files says, as it is written.
///
/// To add a section: write its file with the shape of the text and this trait, give [`RulesFile`]
/// a field for it, and call [`Only::read`] in `assemble`.
pub trait Section {
    /// Its name in the files.
    const NAME: &'static str;

    /// Checks the section and writes it into the rules. Whatever cannot be used is left out and
    /// added as a fault: rules with a fault are never handed out. Sections that `assemble` reads
    /// before this one, categories and departments first of all, are in `rules` already.
    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults)
    where
        Self: Sized;
}

/// Finds sections that stand in exactly one file.
pub struct Only<'a, 'f> {
    /// All files of the set.
    pub files: &'a [(&'a Source, RulesFile)],
    /// What is wrong with them so far.
    pub faults: &'f mut Faults,
}

impl<'a> Only<'a, '_> {
    /// Reads the section that `get` finds into the rules.
    pub fn read<S: Section + 'a>(
        &mut self,
        rules: &mut Rules,
        get: impl Fn(&'a RulesFile) -> Option<&'a Spanned<S>>,
    ) {
        let mut found: Option<(&'a Source, &'a Spanned<S>)> = None;
        for (source, file) in self.files {
            let Some(value) = get(file) else { continue };
            if let Some((first, _)) = found {
                let message = format!("stands in {} already", first.name());
                self.faults.add(source, value.span(), S::NAME, message);
            } else {
                found = Some((source, value));
            }
        }
        match found {
            Some((at, text)) => S::read(text, at, rules, self.faults),
            None => self.faults.add_missing(S::NAME, self.files),
        }
    }
}
