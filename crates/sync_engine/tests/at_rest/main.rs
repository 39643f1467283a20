//! The databases at rest: encrypted on the disk, taken over from versions that did not encrypt, and
//! never silently lost when the key is.

#[cfg(test)]
mod databases;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod keyring;
