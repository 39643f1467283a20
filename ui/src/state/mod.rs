//! What the windows show, as plain values and pure functions; [`context`] makes it reactive.

pub mod catalogue;
pub mod context;
pub mod freshness;
pub mod hall;
pub mod heat;
pub mod layers;
pub mod mode_origin;
pub mod mode_view;
pub mod orders;
pub mod panels;
pub mod people;
pub mod pinyin;
pub mod selection;
pub mod survey;

pub use catalogue::Catalogue;
pub use context::{HallContext, Slice, use_hall};
pub use freshness::Freshness;
pub use hall::{Changes, Hall, Taken};
pub use selection::Selection;
