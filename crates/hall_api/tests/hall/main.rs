//! The hall's promises, shown against the real backend over real connections and real databases.

#[cfg(test)]
mod feed;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod line;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod walls;
