//! Compiles the crate again when a string changed: the macro that reads the catalogue tells cargo
//! nothing about it.

fn main() {
    println!("cargo:rerun-if-changed=../assets/strings");
}
