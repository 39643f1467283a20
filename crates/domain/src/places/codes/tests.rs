//! Every code of the standards reads back, and each way of being wrong is named.

use proptest::prelude::*;

use super::*;
use crate::ids::CameraId;
use crate::rules::{CategoryCode, CategoryKind};

fn community() -> CommunityCode {
    "510108014003".parse().expect("a community")
}

#[test]
fn the_streets_of_chenghua() {
    let streets = [
        ("002", "猛追湾"),
        ("004", "双桥子"),
        ("006", "府青路"),
        ("007", "二仙桥"),
        ("008", "跳蹬河"),
        ("010", "双水碾"),
        ("011", "万年场"),
        ("014", "保和"),
        ("015", "青龙"),
        ("016", "龙潭"),
        ("017", "白莲池"),
    ];
    let chenghua: DistrictCode = "510108".parse().expect("Chenghua");
    assert_eq!(chenghua.city().to_string(), "510100");
    assert_eq!(chenghua.number(), 510_108);
    for (digits, name) in streets {
        let text = format!("510108{digits}");
        let street: StreetCode = text.parse().expect(name);
        assert_eq!(street.to_string(), text, "{name}");
        assert_eq!(street.district(), chenghua, "{name}");
        assert_eq!(street.kind(), StreetKind::Street, "{name}");
        assert_eq!(Ok(street.number()), digits.parse(), "{name}");
    }
}

#[test]
fn the_kind_of_a_street_turns_at_its_limits() {
    let district = DistrictCode::new(510_108).expect("a district");
    let kind = |number| StreetCode::new(district, number).map(StreetCode::kind).ok();
    for (number, expected) in [
        (0, None),
        (1, Some(StreetKind::Street)),
        (99, Some(StreetKind::Street)),
        (100, Some(StreetKind::Town)),
        (199, Some(StreetKind::Town)),
        (200, Some(StreetKind::Township)),
        (399, Some(StreetKind::Township)),
        (400, None),
        (999, None),
    ] {
        assert_eq!(kind(number), expected, "{number}");
    }
}

#[test]
fn unit_grid_codes_of_all_three_lengths_read_back() {
    for (text, digits, sequence) in [
        ("51010809900101", SequenceDigits::Two, 1),
        ("510108099001012", SequenceDigits::Three, 12),
        ("5101080990010123", SequenceDigits::Four, 123),
    ] {
        let code: UnitGridCode = text.parse().expect(text);
        assert_eq!(code.to_string(), text);
        assert_eq!(code.community().to_string(), "510108099001");
        assert_eq!(code.community().street().number(), 99);
        assert_eq!(code.community().number(), 1);
        assert_eq!(
            (code.sequence(), code.sequence_digits()),
            (sequence, digits)
        );
        assert_eq!(digits.code_length(), text.len());
        assert_eq!(UnitGridCode::read(text, digits), Ok(code));
        for other in [
            SequenceDigits::Two,
            SequenceDigits::Three,
            SequenceDigits::Four,
        ] {
            let read = UnitGridCode::read(text, other);
            assert_eq!(read.is_ok(), other == digits, "{text} as {other:?}");
        }
    }
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_is_allowed() {
    let unit = |text: &str| {
        let error = text.parse::<UnitGridCode>().expect_err(text);
        error.to_string()
    };
    assert_eq!(
        unit("5101080990010"),
        "unit grid code \"5101080990010\": has 13 characters, write 14, 15 or 16 digits"
    );
    assert_eq!(
        unit("5101080990010x"),
        "unit grid code \"5101080990010x\": character 14 is 'x', only the digits 0-9 are allowed"
    );
    // Full-width digits are three bytes each and no digits of a code.
    assert!(unit("5101080990010１").contains("character 14"));
    assert!(unit("010108099001012").contains("district 10108"));
    assert!(unit("510108000001012").contains("street number 0 is not one of 001-099"));
    assert!(unit("510108400001012").contains("street number 400"));
    assert!(unit("510108099000012").contains("community number 0"));
    assert!(unit("510108099001000").contains("sequence 0 is not one of 001-999"));
    let long = "5".repeat(10_000);
    assert!(unit(&long).len() < 200, "a long text is cut");
    let of_data_set = UnitGridCode::read("51010809900101", SequenceDigits::Three);
    let error = of_data_set.expect_err("another length").to_string();
    assert!(error.contains("15 digits, as this data set"), "{error}");
    for digits in [
        SequenceDigits::Two,
        SequenceDigits::Three,
        SequenceDigits::Four,
    ] {
        assert!(UnitGridCode::new(community(), digits.most(), digits).is_ok());
        assert!(UnitGridCode::new(community(), digits.most() + 1, digits).is_err());
    }
}

#[test]
fn a_community_grid_code_is_kept_whole() {
    let code: CommunityGridCode = "51010801400300000042".parse().expect("20 digits");
    assert_eq!(code.to_string(), "51010801400300000042");
    assert_eq!(code.community(), community());
    for bad in [
        "5101080140030000004",
        "510108014003000000421",
        "51010801400000000042",
        "5101080140030000004x",
    ] {
        assert!(bad.parse::<CommunityGridCode>().is_err(), "{bad}");
    }
}

#[test]
fn a_component_id_carries_its_category() {
    let id: ComponentId = "3205080101000001".parse().expect("the standard's example");
    assert_eq!(id.to_string(), "3205080101000001");
    assert_eq!(id.district().number(), 320_508);
    assert_eq!(id.category().to_string(), "C01.01");
    assert_eq!(id.serial(), 1);
    for (bad, why) in [
        ("320508010100001", "16 digits"),
        ("32050801010000011", "16 digits"),
        ("3205080001000001", "major category 0"),
        ("3205080100000001", "minor category 0"),
        ("3205080101000000", "serial number 0"),
        ("0205080101000001", "district 20508"),
        ("320508010100000x", "character 16"),
    ] {
        let error = bad.parse::<ComponentId>().expect_err(bad).to_string();
        assert!(error.contains(why), "{error}");
    }
    let event = CategoryCode {
        kind: CategoryKind::Event,
        ..id.category()
    };
    assert!(ComponentId::new(id.district(), event, 1).is_err());
    assert!(ComponentId::new(id.district(), id.category(), 1_000_000).is_err());
}

#[test]
fn device_ids_tell_recorders_from_cameras() {
    for (kind, expected) in [
        ("111", DeviceKind::Dvr),
        ("118", DeviceKind::Nvr),
        ("132", DeviceKind::Camera),
        ("200", DeviceKind::Other(200)),
    ] {
        let text = format!("5101089901{kind}7000012");
        let id = DeviceId::try_from(&CameraId(text.clone())).expect("20 digits");
        assert_eq!(id.to_string(), text);
        assert_eq!(id.kind(), expected);
        assert_eq!((id.area(), id.industry()), (51_010_899, 1));
        assert_eq!((id.network(), id.serial()), (7, 12));
        assert_eq!(id.district(), DistrictCode::new(510_108));
    }
    for bad in ["5101089901132000001", "5101089901132000001x", ""] {
        assert!(bad.parse::<DeviceId>().is_err(), "{bad}");
    }
}

#[test]
fn codes_travel_as_text() {
    let unit: UnitGridCode = "51010809900101".parse().expect("a code");
    let json = serde_json::to_string(&unit).expect("writes");
    assert_eq!(json, "\"51010809900101\"");
    assert_eq!(
        serde_json::from_str::<UnitGridCode>(&json).expect("reads"),
        unit
    );
    let refused = serde_json::from_str::<ComponentId>("\"12\"").expect_err("too short");
    assert!(
        refused.to_string().contains("component id \"12\""),
        "{refused}"
    );
}

proptest! {
    #[test]
    fn reading_never_panics_and_prints_back_what_it_took(text in "\\PC{0,22}|[0-9]{5,21}") {
        fn check<T: std::str::FromStr + std::fmt::Display>(text: &str) {
            if let Ok(code) = text.parse::<T>() {
                assert_eq!(code.to_string(), text);
            }
        }
        check::<DistrictCode>(&text);
        check::<StreetCode>(&text);
        check::<CommunityCode>(&text);
        check::<UnitGridCode>(&text);
        check::<CommunityGridCode>(&text);
        check::<ComponentId>(&text);
        check::<DeviceId>(&text);
    }

    #[test]
    fn every_part_comes_back(
        district in 100_000_u32..1_000_000,
        street in 1_u16..400,
        community in 1_u16..1_000,
        sequence in 1_u16..100,
        major in 1_u8..100,
        minor in 1_u8..100,
        serial in 1_u32..1_000_000,
    ) {
        let district = DistrictCode::new(district).expect("a district");
        let street = StreetCode::new(district, street).expect("a street");
        let community = CommunityCode::new(street, community).expect("a community");
        for digits in [SequenceDigits::Two, SequenceDigits::Three, SequenceDigits::Four] {
            let unit = UnitGridCode::new(community, sequence, digits).expect("a unit grid");
            prop_assert_eq!(unit.to_string().parse(), Ok(unit));
        }
        let category = CategoryCode { kind: CategoryKind::Component, major, minor };
        let id = ComponentId::new(district, category, serial).expect("a component");
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        prop_assert_eq!(id.category(), category);
    }
}
