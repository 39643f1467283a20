//! The demo street as its users get it: the plan, the base map, what the seed holds, and how the field lives.

#[cfg(test)]
mod base_map;
#[cfg(test)]
mod field;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod seed;
