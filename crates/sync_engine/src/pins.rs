//! What the hall keeps of a PIN: a verifier on the disk, never the PIN itself, and for one shift
//! the PIN in memory of whoever has signed in without the line.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use domain::Timestamp;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use zeroize::Zeroizing;

/// Wrong PINs that an officer may enter without the line before having to wait; as many as at the
/// backend.
pub const MOST_WRONG_PINS: u32 = 5;
/// The first wait. It doubles with every further wrong PIN, unlike at the backend: an outage gives
/// whoever sits at the desk days for guessing, and nobody else sees it.
pub const FIRST_WAIT_MS: i64 = 5 * MINUTE_MS;
/// The longest wait, so that a colleague's jokes keep nobody from working for a whole shift.
pub const LONGEST_WAIT_MS: i64 = HOUR_MS;
/// How long a hall believes in a PIN that the backend confirmed last. Whoever is on the rota signs
/// in with the line every few days; two months cover a long leave, and a hall that has heard
/// nothing for so long cannot know who still works here.
pub const VERIFIER_AGE_MS: i64 = 60 * DAY_MS;
/// How long a PIN that was entered without the line stays in memory: one shift, as long as a
/// session of the backend.
pub const HELD_MS: i64 = 12 * HOUR_MS;

/// A PIN that is wiped from memory when it is let go of, and printed nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// Takes a PIN over.
    pub fn new(pin: String) -> Self {
        Self(Zeroizing::new(pin))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// The argon2id hash of a PIN with a fresh salt, as a PHC string; `None` when the machine gives no
/// random numbers.
pub fn hash(pin: &str) -> Option<String> {
    let hashed = Argon2::default().hash_password(pin.as_bytes());
    match hashed {
        Ok(hash) => Some(hash.to_string()),
        Err(error) => {
            tracing::warn!(%error, "a PIN could not be hashed");
            None
        }
    }
}

/// Whether the PIN belongs to the hash.
pub fn is_right(pin: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(pin.as_bytes(), &hash)
            .is_ok()
    })
}

/// How long an officer still has to wait after so many wrong PINs, the last of them then.
pub fn wait_ms(wrong: u32, last_at: Timestamp, now: Timestamp) -> Option<i64> {
    let surplus = wrong.checked_sub(MOST_WRONG_PINS)?;
    let wait = FIRST_WAIT_MS
        .saturating_mul(1 << surplus.min(10))
        .min(LONGEST_WAIT_MS);
    let passed = now.ms_since(last_at);
    // A clock that was set back must not lock anybody out until it has caught up.
    (passed.abs() < wait).then(|| wait - passed.max(0))
}

/// Whether what the backend confirmed then still counts.
pub fn is_too_old(confirmed_at: Timestamp, now: Timestamp) -> bool {
    now.ms_since(confirmed_at) > VERIFIER_AGE_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_795_136_400_000);

    #[test]
    fn a_pin_is_known_by_a_salted_hash_and_never_printed() {
        let (one, other) = (hash("246810").unwrap(), hash("246810").unwrap());
        assert!(one.starts_with("$argon2id$"), "{one}");
        assert_ne!(one, other, "each has a salt of its own");
        assert!(!one.contains("246810"));
        assert!(is_right("246810", &one) && is_right("246810", &other));
        for wrong in ["", "246811", "24681", "2468100"] {
            assert!(!is_right(wrong, &one), "{wrong}");
        }
        assert!(!is_right("246810", "no hash"));
        let pin = Pin::new("246810".to_owned());
        assert!(!format!("{pin:?}").contains("2468"));
    }

    #[test]
    fn wrong_pins_cost_more_and_more_and_at_most_an_hour() {
        let minutes = |wrong| wait_ms(wrong, NOW, NOW).map(|ms| ms / MINUTE_MS);
        let waits = [0, 4, 5, 6, 7, 8, 9, 40, u32::MAX].map(minutes);
        let expected = [0, 0, 5, 10, 20, 40, 60, 60, 60].map(|m| (m > 0).then_some(m));
        assert_eq!(waits, expected);
        assert_eq!(wait_ms(5, NOW, NOW.plus_ms(MINUTE_MS)), Some(4 * MINUTE_MS));
        assert_eq!(wait_ms(5, NOW, NOW.plus_ms(FIRST_WAIT_MS)), None);
        // The clock was an hour ahead when the last one was entered.
        assert_eq!(wait_ms(5, NOW, NOW.plus_ms(-HOUR_MS)), None);
        assert_eq!(wait_ms(5, NOW, NOW.plus_ms(-1)), Some(FIRST_WAIT_MS));
    }

    #[test]
    fn three_days_of_guessing_try_few_pins() {
        let (mut now, end) = (NOW, NOW.plus_ms(3 * DAY_MS));
        let (mut wrong, mut last) = (0, NOW);
        while now < end {
            if let Some(wait) = wait_ms(wrong, last, now) {
                now = now.plus_ms(wait);
            } else {
                (wrong, last) = (wrong + 1, now);
            }
        }
        assert!(wrong < 90, "{wrong} of 10,000 PINs with four digits");
    }

    #[test]
    fn what_was_confirmed_counts_for_two_months() {
        assert!(!is_too_old(NOW, NOW.plus_ms(30 * DAY_MS)));
        assert!(!is_too_old(NOW, NOW.plus_ms(VERIFIER_AGE_MS)));
        assert!(is_too_old(NOW, NOW.plus_ms(VERIFIER_AGE_MS + 1)));
    }
}
