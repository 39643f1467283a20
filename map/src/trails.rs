//! Trails: where the people who matter now came from.

use map_protocol::Trail;

use crate::{
    layers::{
        marks::{Glide, Mark},
        trails::Step,
    },
    people::People,
};

/// Opacity of the newest and of the oldest end of a trail, of 255.
const NEWEST: f32 = 230.0;
const OLDEST: f32 = 25.0;

/// The trails as they were sent.
#[derive(Debug, Default)]
pub struct Trails {
    trails: Vec<Trail>,
    pub dirty: bool,
}

impl Trails {
    /// Replaces all trails.
    pub fn set(&mut self, trails: Vec<Trail>) {
        self.trails = trails;
        self.dirty = true;
    }

    /// What is drawn, each trail ending at its person's mark.
    pub fn steps(&self, people: &People) -> Vec<Step> {
        let mut steps = Vec::new();
        for trail in &self.trails {
            if let Some((mark, glide)) = people.mark_of(trail.person) {
                add_steps(trail, &mark, &glide, &mut steps);
            }
        }
        steps
    }
}

fn add_steps(trail: &Trail, mark: &Mark, glide: &Glide, steps: &mut Vec<Step>) {
    let from = trail.points.len().saturating_sub(Trail::MOST_POINTS);
    let points = &trail.points[from..];
    let opacity = |at: usize| {
        let share = at as f32 / points.len() as f32;
        ((OLDEST + (NEWEST - OLDEST) * share) * f32::from(mark.look.opacity) / 255.0) as u8
    };
    for (at, start) in points.iter().enumerate() {
        let next = points.get(at + 1).map(|next| [next.x, next.y]);
        // Only the newest step ends at the mark and goes with it.
        let (end, glide) = next.map_or((mark.at, *glide), |next| (next, Glide::STANDING));
        steps.push(Step {
            start: [start.x, start.y],
            before: glide.from,
            end,
            start_ms: glide.start_ms,
            duration_ms: glide.duration_ms,
            colour: mark.look.fill,
            opacity: [opacity(at), opacity(at + 1)],
            unused: 0,
        });
    }
}

#[cfg(test)]
mod tests {
    use map_protocol::{Person, PersonAge, PersonClass, PersonFlags, PersonRecord, Position};

    use super::*;

    fn at(x: u32) -> Position {
        Position { x, y: 0 }
    }

    fn person(id: u32, x: u32) -> Person {
        Person {
            at: at(x),
            id,
            class: PersonClass::Staff,
            state: 0,
            age: PersonAge::Fresh,
            heading: None,
            flags: PersonFlags::default(),
        }
    }

    #[test]
    fn a_trail_ends_at_its_mark_and_fades_with_age() {
        let mut people = People::default();
        people.set([person(7, 30)].iter().map(PersonRecord::from), 0, 0);
        people.patch(&[person(7, 40)], &[], 1000, 500);
        let mut trails = Trails::default();
        trails.set(vec![Trail {
            person: 7,
            points: vec![at(10), at(20), at(30)],
        }]);
        let steps = trails.steps(&people);
        assert_eq!(steps.len(), 3);
        assert_eq!((steps[0].start, steps[0].end), ([10, 0], [20, 0]));
        assert_eq!(steps[0].duration_ms, 0, "what is past stands");
        let last = steps[2];
        assert_eq!(
            (last.start, last.before, last.end),
            ([30, 0], [30, 0], [40, 0])
        );
        assert_eq!((last.start_ms, last.duration_ms), (500, 1000));
        let opacities: Vec<u8> = steps.iter().flat_map(|step| step.opacity).collect();
        assert!(opacities.is_sorted() && opacities[0] < opacities[5]);
    }

    #[test]
    fn nobody_and_nothing_have_no_trail_and_a_long_one_keeps_its_newest() {
        let mut people = People::default();
        people.set([person(7, 30)].iter().map(PersonRecord::from), 0, 0);
        let mut trails = Trails::default();
        let empty = Trail {
            person: 7,
            points: Vec::new(),
        };
        let stranger = Trail {
            person: 8,
            points: vec![at(1)],
        };
        trails.set(vec![empty, stranger]);
        assert!(trails.steps(&people).is_empty());
        trails.set(vec![Trail {
            person: 7,
            points: (0..1000).map(at).collect(),
        }]);
        let steps = trails.steps(&people);
        assert_eq!(steps.len(), Trail::MOST_POINTS);
        assert_eq!(steps[0].start, [1000 - Trail::MOST_POINTS as u32, 0]);
    }
}
