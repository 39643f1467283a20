//! The rules of the street decide from values alone: the crate `domain` names no file, network,
//! process or environment outside of its tests.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::Finding;
use super::files::SourceFile;

/// The crate's own sources.
const PURE: &str = "crates/domain/src/";
/// The modules of the standard library that reach outside of the program.
const OUTSIDE: [&str; 4] = ["fs", "net", "process", "env"];

/// All places where a file of the pure crate reaches outside. A file that is not Rust is reported
/// by the other rules of syntax.
pub fn check(source: &SourceFile) -> Vec<Finding> {
    if !source.path.starts_with(PURE) || source.is_test() {
        return Vec::new();
    }
    let mut reader = Reader {
        path: &source.path,
        findings: Vec::new(),
    };
    if let Ok(file) = syn::parse_file(&source.text) {
        reader.visit_file(&file);
    }
    reader.findings
}

struct Reader<'a> {
    path: &'a str,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn name(&mut self, module: &syn::Ident, place: Span) {
        if let Some(module) = OUTSIDE.into_iter().find(|outside| module == outside) {
            let what = format!(
                "std::{module} reaches outside; the domain decides from values, so read or write \
                 in whoever calls it"
            );
            let line = place.start().line;
            self.findings.push(Finding::new(self.path, line, what));
        }
    }

    /// The modules that a `use std::…` names, each alone or in a group.
    fn names_of_use(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.name(&path.ident, path.ident.span()),
            syn::UseTree::Name(name) => self.name(&name.ident, name.ident.span()),
            syn::UseTree::Rename(rename) => self.name(&rename.ident, rename.ident.span()),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.names_of_use(tree);
                }
            }
            syn::UseTree::Glob(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_for_tests = item.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Ident>()
                    .is_ok_and(|what| what == "test")
        });
        if !is_for_tests {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_use_tree(&mut self, tree: &'ast syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) if path.ident == "std" => self.names_of_use(&path.tree),
            // Behind any other name there is no `std`.
            syn::UseTree::Group(_) => visit::visit_use_tree(self, tree),
            _ => {}
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut names = path.segments.iter().map(|segment| &segment.ident);
        if let (Some(first), Some(second)) = (names.next(), names.next())
            && first == "std"
        {
            self.name(second, path.span());
        }
        visit::visit_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let source = SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let found = check(&source);
        found.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn every_way_of_reaching_outside_is_found_in_the_domain() {
        for code in [
            "use std::fs;",
            "use std::fs::File;",
            "use std::net as wire;",
            "use std::{fmt, process::Command};",
            "use {std::env, std::fmt};",
            "pub use ::std::net::TcpStream;",
            "fn f() { std::env::var(\"HOME\").ok(); }",
            "fn f() { let _ = ::std::process::exit(1); }",
            "struct S(std::net::IpAddr);",
            "mod inner { use std::fs; }",
        ] {
            let text = format!("//! x\n{code}");
            assert_eq!(lines("crates/domain/src/orders.rs", &text), [2], "{code}");
        }
    }

    #[test]
    fn the_rest_of_the_library_tests_and_other_crates_are_free() {
        for code in [
            "use std::collections::BTreeMap;",
            "use std::{fmt, mem};",
            "use crate::fs;",
            "fn f(env: u8) -> u8 { std::mem::size_of::<u8>() as u8 + env }",
            "/// Reads no std::fs.\nfn f() {}",
            "#[cfg(test)]\nmod tests { use std::fs; }",
        ] {
            let found = lines("crates/domain/src/orders.rs", code);
            assert_eq!(found, [0; 0], "{code}");
        }
        let reads = "use std::fs;";
        assert_eq!(lines("crates/domain/src/orders/tests.rs", reads), [0; 0]);
        assert_eq!(lines("crates/domain/tests/roads.rs", reads), [0; 0]);
        assert_eq!(lines("crates/backend/src/store.rs", reads), [0; 0]);
    }
}
