//! The hall's promises, shown against the real backend over real connections and real databases.

#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod duty;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod half_up;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod heat;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod killed_at_work;
#[cfg(test)]
mod line;
#[cfg(test)]
mod one_connection;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod restored;
#[cfg(test)]
mod set_clock;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod three_days;
#[cfg(test)]
mod walls;
