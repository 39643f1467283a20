//! Hosts the map module: tells it what the hall shows, hears what is clicked, and builds it anew
//! when it traps or loses its graphics context.
//!
//! The map stays outside the reactive graph: [`host`] compares what should be drawn with what was
//! sent last and sends the difference.

mod announce;
mod arrivals;
mod book;
mod chooser;
mod cluster_list;
mod cluster_tip;
mod control;
mod devices;
mod drawn;
mod figures;
mod frame;
mod framing;
mod heat;
mod heat_past;
mod host;
mod keys;
mod layers;
mod legend;
mod messages;
mod notes;
mod pack;
mod palette;
mod people;
mod roads;
mod selecting;
mod signs;
mod style;
mod tracks;
mod travel;
mod view;

pub use control::{MapControl, MapStatus, ProposedWay, Sight, use_map};
pub use view::MapView;
