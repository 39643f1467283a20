//! Everything that changes the record: each way in decides, writes and logs in one transaction.

mod conflicts;
mod contents;
mod duty;
pub mod escalation;
pub mod imports;
mod orders;
pub mod places;
pub mod proposals;
pub mod receipts;
pub mod reports;
pub mod roads;
pub mod seeding;
mod texts;
mod whistles;
mod work;

pub use work::Work;
