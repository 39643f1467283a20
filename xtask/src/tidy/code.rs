//! Rules that need the syntax of a Rust file: module docs, length of functions, names.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::Finding;
use super::files::SourceFile;

const FUNCTION_LINES_MAX: usize = 70;

/// Words that say nothing about what a thing does. They are put together here so that the list
/// can be searched for.
const EMPTY_WORDS: [&str; 8] = [
    "Manager", "Service", "Helper", "Helpers", "Util", "Utils", "Utility", "Common",
];

/// All findings of the syntax rules in one Rust file.
pub fn check(source: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(module_doc(source));
    findings.extend(file_name(source));
    match syn::parse_file(&source.text) {
        Ok(file) => {
            let mut reader = Reader {
                path: &source.path,
                findings: Vec::new(),
            };
            reader.visit_file(&file);
            findings.extend(reader.findings);
        }
        Err(error) => {
            let line = error.span().start().line;
            findings.push(Finding::new(
                &source.path,
                line,
                format!("is not Rust: {error}"),
            ));
        }
    }
    findings
}

/// Every module says in its first line what it is for. A file that is included into others cannot
/// have module docs; it begins with "Included by" instead.
fn module_doc(source: &SourceFile) -> Option<Finding> {
    let has_doc = ["//!", "// Included by "]
        .iter()
        .any(|start| source.text.trim_start().starts_with(start));
    (!has_doc).then(|| {
        Finding::new(
            &source.path,
            1,
            "begins without a //! line that says what it is for",
        )
    })
}

fn file_name(source: &SourceFile) -> Option<Finding> {
    let mut parts = source.path.trim_end_matches(".rs").rsplit('/');
    let name = match parts.next() {
        Some("mod" | "lib" | "main") => parts.next()?,
        name => name?,
    };
    empty_word(name).map(|word| {
        Finding::new(
            &source.path,
            0,
            format!("\"{word}\" in the file's name says nothing; name what it does"),
        )
    })
}

/// The empty word in a type's or a module's name, in either case style.
fn empty_word(name: &str) -> Option<&'static str> {
    let words = split_words(name);
    EMPTY_WORDS
        .into_iter()
        .find(|empty| words.iter().any(|word| word.eq_ignore_ascii_case(empty)))
}

/// Splits `SnakeAndCamel` and `snake_case` names into words.
fn split_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut starts_new = true;
    for letter in name.chars() {
        if letter == '_' || letter == '-' {
            starts_new = true;
            continue;
        }
        if starts_new || letter.is_uppercase() {
            words.push(String::new());
        }
        starts_new = false;
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words
}

struct Reader<'a> {
    path: &'a str,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn function(&mut self, name: &syn::Ident, signature: Span, block: &syn::Block) {
        let first = signature.start().line;
        let lines = block.span().end().line + 1 - first;
        if lines > FUNCTION_LINES_MAX {
            let what = format!(
                "fn {name} has {lines} lines; {FUNCTION_LINES_MAX} is the most, give a part of it a name"
            );
            self.findings.push(Finding::new(self.path, first, what));
        }
    }

    fn name(&mut self, name: &syn::Ident) {
        if let Some(word) = empty_word(&name.to_string()) {
            let what = format!("\"{word}\" in {name} says nothing; name what it does");
            self.findings
                .push(Finding::new(self.path, name.span().start().line, what));
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig.ident, item.sig.span(), &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig.ident, item.sig.span(), &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig.ident, item.sig.span(), block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.name(&item.ident);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.name(&item.ident);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.name(&item.ident);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.name(&item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.name(&item.ident);
        visit::visit_item_mod(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<Finding> {
        check(&SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        })
    }

    fn function_of(lines: usize) -> String {
        format!("fn long() {{\n{}}}", "    call();\n".repeat(lines - 2))
    }

    #[test]
    fn a_module_without_doc_is_found() {
        assert!(findings("a/src/x.rs", "//! Does x.\nfn x() {}").is_empty());
        let found = findings("a/src/x.rs", "// Does x.\nfn x() {}");
        assert!(found[0].what.contains("//!"), "{found:?}");
        assert!(findings("a/src/x.rs", "// Included by build.rs.\nfn x() {}").is_empty());
    }

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let wrap = |inner: String| format!("//! x\n{inner}");
        assert!(findings("a/src/x.rs", &wrap(function_of(70))).is_empty());
        let found = findings("a/src/x.rs", &wrap(function_of(71)));
        assert!(found[0].what.contains("fn long has 71 lines"), "{found:?}");
        assert_eq!(found[0].line, 2);
        let method = format!("//! x\nimpl A {{ {} }}", function_of(90));
        assert_eq!(findings("a/src/x.rs", &method).len(), 1);
        let provided = format!("//! x\ntrait A {{ {} }}", function_of(90));
        assert_eq!(findings("a/src/x.rs", &provided).len(), 1);
        let doc_is_free = format!("//! x\n{}{}", "/// Doc.\n".repeat(20), function_of(60));
        assert!(findings("a/src/x.rs", &doc_is_free).is_empty());
    }

    #[test]
    fn empty_names_are_found_whatever_they_name() {
        for item in [
            "struct OrderManager;",
            "enum DispatchService {}",
            "trait GridHelper {}",
            "type MapUtils = u8;",
            "mod common {}",
            "mod time_util {}",
            "mod inner { struct UtilBag; }",
        ] {
            assert_eq!(
                findings("a/src/x.rs", &format!("//! x\n{item}")).len(),
                1,
                "{item}"
            );
        }
        for item in [
            "struct Commons;",
            "struct Serviceable;",
            "mod commonplace {}",
        ] {
            assert!(
                findings("a/src/x.rs", &format!("//! x\n{item}")).is_empty(),
                "{item}"
            );
        }
        assert_eq!(findings("tests/common/mod.rs", "//! x").len(), 1);
        assert_eq!(findings("a/src/utils.rs", "//! x").len(), 1);
        assert!(findings("a/src/lib.rs", "//! x").is_empty());
    }

    #[test]
    fn what_is_not_rust_is_said_with_its_line() {
        let found = findings("a/src/x.rs", "//! x\nfn ( {");
        assert_eq!(found[0].line, 2, "{found:?}");
    }
}
