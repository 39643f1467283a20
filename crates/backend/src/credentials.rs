//! PINs, tokens and keys: hashing, comparing, and the limit on wrong tries.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use domain::time::MINUTE_MS;
use domain::{OfficerId, Timestamp};
use sha2::{Digest, Sha256};

/// Wrong PINs that an officer may enter before having to wait.
pub const MOST_WRONG_PINS: u32 = 5;
/// How long the officer then waits.
pub const WAIT_AFTER_WRONG_PINS_MS: i64 = 5 * MINUTE_MS;

/// Why a PIN was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// It is no PIN.
    #[error("PIN 应为 4–12 位数字 / a PIN has 4 to 12 digits")]
    Malformed,
    /// The hash could not be computed.
    #[error("PIN 无法保存 / the PIN could not be hashed: {0}")]
    Hash(String),
}

/// The argon2id hash of a PIN with a fresh salt, as a PHC string.
pub fn hash_pin(pin: &str) -> Result<String, PinError> {
    if !is_pin(pin) {
        return Err(PinError::Malformed);
    }
    Argon2::default()
        .hash_password(pin.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| PinError::Hash(error.to_string()))
}

/// Whether the PIN belongs to the hash. Without a hash (an unknown officer) as much time is spent,
/// so that nobody can find out names by the clock.
pub fn is_right_pin(pin: &str, hash: Option<&str>) -> bool {
    let Some(parsed) = hash.and_then(|hash| PasswordHash::new(hash).ok()) else {
        hash_pin("000000").ok();
        return false;
    };
    Argon2::default()
        .verify_password(pin.as_bytes(), &parsed)
        .is_ok()
}

/// Whether the text has the shape of a PIN.
pub fn is_pin(text: &str) -> bool {
    (4..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// A fresh key or token: 244 random bits in hex.
pub fn mint_secret() -> String {
    format!(
        "{}{}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4().simple()
    )
}

/// SHA-256 in hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        write!(hex, "{byte:02x}").ok();
    }
    hex
}

/// Whether two secrets are the same, in a time that says nothing about where they differ.
pub fn is_same_secret(a: &str, b: &str) -> bool {
    let (a, b) = (Sha256::digest(a.as_bytes()), Sha256::digest(b.as_bytes()));
    a.iter()
        .zip(b.iter())
        .fold(0, |bits, (a, b)| bits | (a ^ b))
        == 0
}

/// Counts tries of each officer.
#[derive(Debug, Default)]
pub struct TryCounter {
    tries: Mutex<HashMap<OfficerId, Tries>>,
}

#[derive(Debug, Clone, Copy)]
struct Tries {
    count: u32,
    last_at: Timestamp,
}

impl TryCounter {
    /// Counts a try before the PIN is looked at, so that tries at the same time all count. Returns
    /// the milliseconds to wait where there were too many.
    pub fn begin(&self, officer: &OfficerId, now: Timestamp) -> Result<(), i64> {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not lock anybody out until it has caught up.
        tries.retain(|_, t| now.ms_since(t.last_at).abs() < WAIT_AFTER_WRONG_PINS_MS);
        let entry = tries.entry(officer.clone()).or_insert(Tries {
            count: 0,
            last_at: now,
        });
        if entry.count >= MOST_WRONG_PINS {
            return Err(WAIT_AFTER_WRONG_PINS_MS - now.ms_since(entry.last_at));
        }
        entry.count += 1;
        entry.last_at = now;
        Ok(())
    }

    /// Forgets the tries after a right PIN.
    pub fn succeeded(&self, officer: &OfficerId) {
        self.tries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(officer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_recognised_by_its_hash() {
        let hash = hash_pin("123456").expect("hash");
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(is_right_pin("123456", Some(&hash)));
        assert!(!is_right_pin("123457", Some(&hash)));
        assert!(!is_right_pin("123456", None));
        for bad in ["", "123", "1234567890123", "12a4", "１２３４"] {
            assert_eq!(hash_pin(bad), Err(PinError::Malformed), "{bad}");
        }
    }

    #[test]
    fn too_many_tries_have_to_wait_and_then_may_go_on() {
        let counter = TryCounter::default();
        let officer = OfficerId::from("zhou.min");
        let now = Timestamp::from_unix_ms(1_000_000);
        for _ in 0..MOST_WRONG_PINS {
            assert_eq!(counter.begin(&officer, now), Ok(()));
        }
        assert_eq!(counter.begin(&officer, now), Err(WAIT_AFTER_WRONG_PINS_MS));
        assert_eq!(counter.begin(&OfficerId::from("other"), now), Ok(()));
        let later = now.plus_ms(WAIT_AFTER_WRONG_PINS_MS);
        assert_eq!(counter.begin(&officer, later), Ok(()));
        for _ in 1..MOST_WRONG_PINS {
            assert_eq!(counter.begin(&officer, later), Ok(()));
        }
        assert!(counter.begin(&officer, later).is_err());
        counter.succeeded(&officer);
        assert_eq!(counter.begin(&officer, later), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let counter = TryCounter::default();
        let officer = OfficerId::from("zhou.min");
        let wrong = Timestamp::from_unix_ms(1_795_190_400_000);
        for _ in 0..MOST_WRONG_PINS {
            assert_eq!(counter.begin(&officer, wrong), Ok(()));
        }
        let right = wrong.plus_ms(-3_600_000);
        assert_eq!(counter.begin(&officer, right), Ok(()));
    }

    #[test]
    fn secrets_are_long_and_differ() {
        let (a, b) = (mint_secret(), mint_secret());
        assert_eq!(a.len(), 64);
        assert!(!is_same_secret(&a, &b));
        assert!(is_same_secret(&a, &a.clone()));
    }
}
