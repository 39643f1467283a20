//! Building blocks of the screens: one panel, one table, one badge, one clock.

mod badge;
mod chart;
mod copyable;
mod data_table;
mod dialog;
mod keyed;
mod lamp_clock;
mod panel;
mod tip;
mod toast;

pub use badge::{DrillBadge, LevelBadge, Tag, Tone, incident_tone, order_tone};
pub use chart::{DayCurve, ShareBar};
pub use copyable::{CopyableId, copy_text};
pub use data_table::{Column, DataTable, SortOrder};
pub use dialog::Dialog;
pub use keyed::KeyedRows;
pub use lamp_clock::LampClock;
pub use panel::{Panel, PanelState};
pub use tip::Tip;
pub use toast::{ToastArea, Toasts, use_toasts};
