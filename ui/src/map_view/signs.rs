//! Which picture stands for a category on the map, and which lamp for a clock.

use domain::clocks::Lamp;
use domain::rules::{CategoryCode, CategoryKind};
use domain::{Incident, Timestamp};
use map_protocol as map;
use map_protocol::Icon;

use crate::state::Catalogue;

/// The picture of a category's major (大类). A street's own majors that are not known here get the
/// three dots of "other".
pub const fn icon_of(category: CategoryCode) -> Icon {
    match (category.kind, category.major) {
        // 市容环境, as an event and as a component.
        (CategoryKind::Event, 1) | (CategoryKind::Component, 3) => Icon::Bin,
        // 宣传广告.
        (CategoryKind::Event, 2) => Icon::Poster,
        // 施工管理.
        (CategoryKind::Event, 3) => Icon::Crane,
        // 街面秩序.
        (CategoryKind::Event, 4) => Icon::Stall,
        // 突发事件.
        (CategoryKind::Event, 5) => Icon::Bolt,
        // 热线诉求.
        (CategoryKind::Event, 80) => Icon::Phone,
        // 矛盾纠纷.
        (CategoryKind::Event, 81) => Icon::Dispute,
        // 安全隐患.
        (CategoryKind::Event, 82) => Icon::Warning,
        // 治安.
        (CategoryKind::Event, 83) => Icon::Shield,
        // 人群聚集.
        (CategoryKind::Event, 84) => Icon::Crowd,
        // 防汛.
        (CategoryKind::Event, 85) => Icon::Waves,
        // 公用设施.
        (CategoryKind::Component, 1) => Icon::Tap,
        // 交通设施.
        (CategoryKind::Component, 2) => Icon::Cone,
        // 园林绿化.
        (CategoryKind::Component, 4) => Icon::Tree,
        _ => Icon::Dots,
    }
}

/// The lamp of the clock that runs for an incident; none without reference data, which hold the
/// calendar.
pub fn lamp_of(incident: &Incident, catalogue: Option<&Catalogue>, now: Timestamp) -> map::Lamp {
    let clock = incident.clock.filter(|_| incident.state.is_open());
    let (Some(clock), Some(catalogue)) = (clock, catalogue) else {
        return map::Lamp::None;
    };
    if clock.paused_at.is_some() {
        return map::Lamp::Grey;
    }
    let rules = &catalogue.reference.rules;
    match clock.lamp(now, &rules.calendar, rules.yellow_share) {
        Lamp::Green => map::Lamp::Green,
        Lamp::Yellow => map::Lamp::Amber,
        Lamp::Red => map::Lamp::Red,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::mode_view::tests::catalogue;
    use crate::state::panels::tests::{NOW, incident};
    use domain::time::HOUR_MS;

    #[test]
    fn every_known_major_has_a_picture_of_its_own() {
        let code = |kind, major| CategoryCode {
            kind,
            major,
            minor: 1,
        };
        let (event, component) = (CategoryKind::Event, CategoryKind::Component);
        let mut icons: Vec<Icon> = [1, 2, 3, 4, 5, 6, 80, 81, 82, 83, 84, 85]
            .map(|major| icon_of(code(event, major)))
            .into_iter()
            .chain([1, 2, 4].map(|major| icon_of(code(component, major))))
            .collect();
        icons.sort();
        assert!(icons.windows(2).all(|pair| pair[0] != pair[1]), "{icons:?}");
        assert_eq!(icon_of(code(component, 3)), icon_of(code(event, 1)));
        assert_eq!(icon_of(code(component, 99)), Icon::Dots);
    }

    #[test]
    fn the_lamp_is_that_of_the_list() {
        let catalogue = catalogue();
        let mut matter = incident(0);
        let lamp = |of: &Incident, now| lamp_of(of, Some(&catalogue), now);
        assert_eq!(lamp(&matter, matter.reported_at), map::Lamp::Green);
        assert_eq!(lamp(&matter, NOW.plus_ms(3 * HOUR_MS)), map::Lamp::Red);
        assert_eq!(lamp_of(&matter, None, NOW), map::Lamp::None);
        if let Some(clock) = &mut matter.clock {
            clock.paused_at = Some(NOW);
        }
        assert_eq!(lamp(&matter, NOW), map::Lamp::Grey);
        matter.clock = None;
        assert_eq!(lamp(&matter, NOW), map::Lamp::None);
    }
}
