//! Random trails of many matters, made again from their seed.

use std::collections::BTreeMap;

use super::*;

/// Random numbers of a seed (splitmix64), so that a failing trail is made again from it.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    fn department(&mut self) -> &'static str {
        ["gas", "fire", "water"][self.below(3) as usize]
    }

    fn whistle(&mut self, at: Timestamp) -> Action {
        let number = 1 + self.below(2) as u16;
        let names: Vec<&str> = (0..self.below(3)).map(|_| self.department()).collect();
        let mut action = whistle(number, &names);
        if let Action::Whistle { push, .. } = &mut action {
            *push = (self.below(20) > 0).then(|| WhistlePush {
                at: at.plus_ms(self.below(3) as i64 * MINUTE_MS),
                response: limit(1 + self.below(3) as u32, LimitUnit::EmergencyHour),
                handling: limit(1 + self.below(5) as u32, LimitUnit::EmergencyHour),
            });
        }
        action
    }

    fn action(&mut self, at: Timestamp) -> Action {
        let whistle = 1 + self.below(2) as u16;
        let who = self.department();
        match self.below(90) {
            0..=19 => self.whistle(at),
            20..=40 => sign_in(whistle, who),
            41..=60 => done(whistle, who),
            61..=66 => call_back(self.below(3) > 0, self.below(3) > 0),
            67..=72 => points(whistle, who, self.below(9) as i16 - 4),
            73..=80 => rate(whistle, who, self.below(110) as u8),
            81 if self.below(3) == 0 => Action::Close,
            _ => Action::Note {
                text: String::new(),
            },
        }
    }
}

/// A trail of many matters, each with about 150 entries, whose clock runs a few seconds an entry
/// and sometimes jumps back.
pub fn random_trail(seed: u64, length: u64) -> Vec<TrailEntry> {
    let mut dice = Dice(seed);
    let matters = 1 + length / 150;
    let mut steps: BTreeMap<u32, (u32, IncidentState)> = BTreeMap::new();
    let mut minutes = 0;
    let mut trail = Vec::new();
    for _ in 0..length {
        minutes += dice.below(3) as i64;
        let at = after(minutes / 3 - dice.below(10) as i64);
        let number = 1 + dice.below(matters) as u32;
        let (step, state) = steps.entry(number).or_insert((0, IncidentState::Handling));
        *step += 1;
        let action = dice.action(at);
        if action == Action::Close {
            *state = IncidentState::Closed;
        }
        trail.push(TrailEntry {
            incident: IncidentId::new(NINE, number),
            step: *step,
            action,
            state: *state,
            by: Actor::Rule,
            reason: None,
            occurred_at: at,
            recorded_at: at,
            clock: None,
            rules_version: "test.1".to_owned(),
            from: None,
            mandate: None,
            previous_hash: String::new(),
            hash: String::new(),
        });
    }
    trail
}
