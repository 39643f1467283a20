//! Rates worked out by hand, and the two computations held against each other.

mod agreement;
mod choices;
mod composites;
mod groups;
mod periods;
mod rates;
mod street;
