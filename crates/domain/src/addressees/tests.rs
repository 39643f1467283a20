//! Who is addressed, who gets an order, and under which key.

use proptest::prelude::*;

use super::*;
use crate::incidents::IncidentState;
use crate::people::Post;
use crate::places::{GridLevel, LonLat};
use crate::samples::{NOW, incident_at_m1, joint_handling, key, person, rules, shift};

fn grid(code: &str, parent: Option<&str>) -> Grid {
    Grid {
        code: code.into(),
        name: String::new(),
        level: GridLevel::Micro,
        parent: parent.map(Into::into),
        rings: Vec::new(),
        label_at: LonLat::new(104.1, 30.66),
    }
}

/// Two communities with micro grids, one with a unit grid.
fn grids() -> Vec<Grid> {
    vec![
        grid("c1", None),
        grid("m1", Some("c1")),
        grid("u1", Some("m1")),
        grid("c2", None),
        grid("m2", Some("c2")),
        // Bad data: a cycle must end.
        grid("x", Some("y")),
        grid("y", Some("x")),
    ]
}

const NOT_LISTED: Option<NotAddressed> = Some(NotAddressed::NotAdmitted {
    why: NotAdmitted::NotOnList,
});

struct Street {
    people: BTreeMap<PersonId, Person>,
    on_their_way: BTreeSet<PersonId>,
    is_overridden: bool,
    incident: Incident,
    rules: Rules,
}

impl Street {
    fn resolve(&self, addressees: &Addressees) -> Result<Vec<Addressee>, AddresseesError> {
        let muster = Muster {
            people: &self.people,
            roster: &Roster::of(self.people.values()),
            grids: &grids(),
            on_their_way: &self.on_their_way,
            incident: &self.incident,
            rules: &self.rules,
            is_overridden: self.is_overridden,
            duty_mode: Mode::Normal,
            now: NOW,
        };
        resolve(addressees, key(1), &muster)
    }

    fn verdicts(&self, addressees: &Addressees) -> Vec<(u32, Option<NotAddressed>)> {
        let resolved = self.resolve(addressees).expect("somebody");
        resolved.iter().map(|a| (a.person.0, a.not_sent)).collect()
    }
}

/// 1 at c1, 2 at m1, 3 at u1 and off duty, 4 at m2, 5 a policeman at m1, 6 nowhere; 2 and 4 are in
/// the flood team, and so is 3.
fn street() -> Street {
    let homes = [
        Some("c1"),
        Some("m1"),
        Some("u1"),
        Some("m2"),
        Some("m1"),
        None,
    ];
    let people = (1..).zip(homes).map(|(number, home)| {
        let mut person = person(number);
        person.home_grid = home.map(Into::into);
        if number == 3 {
            person.shift = shift(20, 8);
        }
        if number == 5 {
            person.post = Post::Police;
        }
        if (2..=4).contains(&number) {
            person.groups = vec!["flood".into()];
        }
        (person.id, person)
    });
    Street {
        people: people.collect(),
        on_their_way: BTreeSet::new(),
        is_overridden: false,
        incident: incident_at_m1(IncidentState::Filed),
        rules: rules(),
    }
}

#[test]
fn a_grid_addresses_everybody_in_it_and_below() {
    use NotAddressed::OffDuty;
    let street = street();
    let of = |code: &str| street.verdicts(&Addressees::Grid(code.into()));
    assert_eq!(
        of("c1"),
        [(1, None), (2, None), (3, Some(OffDuty)), (5, NOT_LISTED)]
    );
    assert_eq!(of("u1"), [(3, Some(OffDuty))]);
    assert_eq!(of("c2"), [(4, None)]);
}

#[test]
fn a_group_addresses_its_members_on_duty() {
    let group = Addressees::Group("flood".into());
    let off_duty = Some(NotAddressed::OffDuty);
    assert_eq!(
        street().verdicts(&group),
        [(2, None), (3, off_duty), (4, None)]
    );
}

#[test]
fn named_people_are_ordered_once_each_on_duty_or_not() {
    let mut street = street();
    street.on_their_way.insert(PersonId(2));
    let several = Addressees::Several([5, 2, 3, 3, 77].map(PersonId).to_vec());
    assert_eq!(
        street.verdicts(&several),
        [
            (2, Some(NotAddressed::OnTheWayAlready)),
            (3, None),
            (5, NOT_LISTED),
            (77, Some(NotAddressed::NotInRoster)),
        ]
    );
    assert_eq!(street.verdicts(&Addressees::One(PersonId(3))), [(3, None)]);
}

#[test]
fn a_reason_sends_who_is_not_responsible_and_nobody_else() {
    let mut street = street();
    street.is_overridden = true;
    street.on_their_way.insert(PersonId(2));
    assert_eq!(
        street.verdicts(&Addressees::Grid("c1".into())),
        [
            (1, None),
            (2, Some(NotAddressed::OnTheWayAlready)),
            (3, Some(NotAddressed::OffDuty)),
            (5, None),
        ]
    );
}

#[test]
fn nobody_and_too_many_are_errors() {
    let mut street = street();
    for nobody in [
        Addressees::Several(Vec::new()),
        Addressees::Grid("c9".into()),
        Addressees::Grid("x".into()),
        Addressees::Group("none".into()),
    ] {
        assert_eq!(
            street.resolve(&nobody),
            Err(AddresseesError::Nobody),
            "{nobody:?}"
        );
    }
    let numbers = |count: u32| Addressees::Several((1..=count).map(PersonId).collect());
    assert_eq!(
        street.resolve(&numbers(500)).expect("all").len(),
        MOST_ADDRESSEES
    );
    assert_eq!(
        street.resolve(&numbers(501)),
        Err(AddresseesError::TooMany { count: 501 })
    );
    // A home in a cycle of bad data belongs to the grids of the cycle and the walk ends.
    street.people.get_mut(&PersonId(6)).expect("six").home_grid = Some("x".into());
    assert_eq!(street.verdicts(&Addressees::Grid("y".into())), [(6, None)]);
    assert_eq!(
        street.resolve(&Addressees::Grid("z".into())),
        Err(AddresseesError::Nobody)
    );
}

/// The derivation is fixed: another one would send orders again whose answers were lost.
#[test]
fn keys_are_derived_as_documented() {
    let key_of = |act, number| order_key(key(act), PersonId(number)).0;
    let digest = {
        let mut digest = Sha256::new();
        digest.update(b"streethall order of a proposal");
        digest.update([0_u8; 15]);
        digest.update([1, 0, 0, 0, 7]);
        digest.finalize()
    };
    let derived = key_of(1, 7);
    let bytes = derived.as_bytes();
    assert_eq!(bytes[..6], digest[..6]);
    assert_eq!((bytes[6] & 0x0F, bytes[7]), (digest[6] & 0x0F, digest[7]));
    assert_eq!(
        (bytes[8] & 0x3F, &bytes[9..]),
        (digest[8] & 0x3F, &digest[9..16])
    );
    assert_eq!(derived.get_version_num(), 8);
    assert_eq!(derived.get_variant(), uuid::Variant::RFC4122);
    assert_eq!(derived, key_of(1, 7));
    assert_ne!(derived, key_of(2, 7));
    assert_ne!(derived, key_of(1, 8));
}

proptest! {
    /// Against a plain look at everybody: who is addressed, that each appears once and in order,
    /// and that nobody's verdict depends on who else is addressed.
    #[test]
    fn resolution_equals_a_look_at_everybody(
        named in proptest::collection::vec(1_u32..9, 1..12),
        on_their_way in proptest::collection::btree_set(1_u32..9, 0..4),
        is_overridden in proptest::bool::ANY,
    ) {
        let mut street = street();
        street.on_their_way = on_their_way.iter().copied().map(PersonId).collect();
        street.is_overridden = is_overridden;
        let several = Addressees::Several(named.iter().copied().map(PersonId).collect());
        let together = street.resolve(&several).expect("somebody");
        let mut expected: Vec<u32> = (1..9).filter(|n| named.contains(n)).collect();
        expected.sort_unstable();
        let numbers: Vec<u32> = together.iter().map(|a| a.person.0).collect();
        prop_assert_eq!(numbers, expected);
        for addressee in together {
            let alone = street.resolve(&Addressees::One(addressee.person)).expect("one");
            prop_assert_eq!(&alone[..], &[addressee]);
            let number = addressee.person.0;
            let why = if number > 6 {
                Some(NotAddressed::NotInRoster)
            } else if on_their_way.contains(&number) {
                Some(NotAddressed::OnTheWayAlready)
            } else if number == 5 && !is_overridden {
                NOT_LISTED
            } else {
                None
            };
            prop_assert_eq!(addressee.not_sent, why);
        }
    }

    /// No two orders share a key, whatever the acts and the people.
    #[test]
    fn keys_differ(acts in proptest::collection::btree_set(0_u128..u128::MAX, 1..5), people in 1_u32..20) {
        let keys: BTreeSet<_> = acts
            .iter()
            .flat_map(|act| (0..people).map(|number| order_key(key(*act), PersonId(number))))
            .collect();
        prop_assert_eq!(keys.len(), acts.len() * people as usize);
    }
}

/// 1 of the police, 2 and 4 of the grid, in a joint handling that the grid's department leads.
fn joint_street() -> Street {
    let (rules, incident) = joint_handling();
    let mut street = Street {
        incident,
        rules,
        ..street()
    };
    let first = street.people.get_mut(&PersonId(1)).expect("a person");
    first.post = Post::Police;
    street
}

#[test]
fn those_who_lead_stand_before_those_who_assist() {
    let street = joint_street();
    let all = Addressees::Several(vec![PersonId(1), PersonId(2), PersonId(4)]);
    let duties: Vec<_> = street
        .resolve(&all)
        .expect("somebody")
        .iter()
        .map(|one| (one.person.0, one.duty, one.not_sent))
        .collect();
    let (lead, assist) = (DispatchDuty::Lead, DispatchDuty::Assist);
    assert_eq!(
        duties,
        [(2, lead, None), (4, lead, None), (1, assist, None)],
        "an assistant's post is admitted as an assistant"
    );
}

#[test]
fn nobody_assists_before_a_lead_is_under_way() {
    let mut street = joint_street();
    let assistant = Addressees::One(PersonId(1));
    let too_early = Some(NotAddressed::LeadFirst);
    assert_eq!(street.verdicts(&assistant), [(1, too_early)]);
    // A lead who gets no order opens the way for nobody.
    street.on_their_way.insert(PersonId(2));
    let both = Addressees::Several(vec![PersonId(1), PersonId(2)]);
    let going = Some(NotAddressed::OnTheWayAlready);
    assert_eq!(street.verdicts(&both), [(2, going), (1, too_early)]);
    street.incident.orders.push(key(7));
    assert_eq!(street.verdicts(&both), [(2, going), (1, None)]);
    // The first objection stands.
    street.on_their_way.insert(PersonId(1));
    street.incident.orders.clear();
    assert_eq!(street.verdicts(&assistant), [(1, going)]);
}
