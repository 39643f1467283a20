//! The store over a disk that fails: whatever call fails and however, each order is durable or was
//! refused, never half of it, and the databases are whole afterwards.

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod room;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod shown;
