//! Matters as they are reported: kind, place, wording and channel, drawn for an hour of the day.

mod templates;

use domain::LonLat;
use domain::trail::SourceChannel;

use crate::dice::Dice;
use crate::geom::Point;
use crate::geom::point::along_line;
use crate::plan::Plan;
use crate::plan::devices::Component;
use crate::plan::frame::lon_lat;
use crate::plan::landuse::LandUse;
use crate::plan::majors::RoadClass;
use crate::plan::network::Edge;

pub use templates::{Hours, Site, TEMPLATES, Template};

/// Reports in each hour of an ordinary day; about 160 in all.
pub const REPORTS_PER_HOUR: [f64; 24] = [
    1.2, 0.8, 0.6, 0.5, 0.6, 1.2, 3.0, 7.0, 11.0, 13.0, 12.0, 10.0, 8.0, 9.0, 11.0, 12.0, 11.0,
    10.0, 9.0, 9.0, 8.0, 7.0, 5.0, 2.6,
];

/// A matter before it is reported.
#[derive(Clone, Debug)]
pub struct Matter {
    /// Index of its kind in [`TEMPLATES`].
    pub kind: usize,
    /// Category code.
    pub category: &'static str,
    /// Channel.
    pub channel: SourceChannel,
    /// One line.
    pub title: String,
    /// In full.
    pub description: String,
    /// Address in words.
    pub address: String,
    /// Where.
    pub location: LonLat,
    /// How many people have reported it before.
    pub repeats: u32,
}

/// Longitude and latitude of a point of the plan.
pub fn located(p: Point) -> LonLat {
    let [lon, lat] = lon_lat(p);
    LonLat::new(lon, lat)
}

/// A place with its name and road.
#[derive(Clone)]
struct Spot {
    at: Point,
    place: String,
    road: String,
    id: String,
}

/// The places of a plan at which matters happen, kept so that a matter is drawn quickly.
pub struct Places {
    streets: Vec<Spot>,
    shops: Vec<Spot>,
    compounds: Vec<Spot>,
    old_compounds: Vec<Spot>,
    river: Vec<Spot>,
    markets: Vec<Spot>,
    schools: Vec<Spot>,
    works: Vec<Spot>,
    parks: Vec<Spot>,
    crowds: Vec<Spot>,
    components: Vec<(String, Spot)>,
}

impl Places {
    /// Collects the places of a plan.
    pub fn new(plan: &Plan) -> Self {
        let roads: Vec<&Edge> = plan
            .network
            .edges
            .iter()
            .filter(|e| e.in_street && !e.name.is_empty() && e.length_m > 40.0 && !e.bridge)
            .collect();
        let near = |at: Point| -> String {
            let nearest = roads
                .iter()
                .min_by(|a, b| a.middle().distance(at).total_cmp(&b.middle().distance(at)));
            nearest.map(|edge| edge.name.clone()).unwrap_or_default()
        };
        let street = &plan.division.street;
        let inside = |at: &Point| street.contains(*at);
        let poi = |wanted: &dyn Fn(&crate::plan::places::Poi) -> bool| -> Vec<Spot> {
            let found = plan.places.pois.iter().filter(|p| p.in_street && wanted(p));
            found
                .map(|p| Spot {
                    at: p.at,
                    place: p.name.clone(),
                    road: near(p.at),
                    id: String::new(),
                })
                .collect()
        };
        let compound = |only_old: bool| -> Vec<Spot> {
            let compounds = plan.places.compounds.iter().filter(|c| c.in_street);
            compounds
                .filter(|c| !only_old || c.kind != LandUse::NewHousing)
                .map(|c| Spot {
                    at: c.gate.toward(c.middle, 0.35),
                    place: c.name.clone(),
                    road: near(c.gate),
                    id: String::new(),
                })
                .collect()
        };
        let middles = &plan.river.middle;
        Self {
            streets: roads.iter().map(|e| road_spot(e)).collect(),
            shops: poi(&|p| p.rank >= 20),
            compounds: compound(false),
            old_compounds: compound(true),
            river: middles
                .iter()
                .filter(|p| inside(p))
                .map(|p| Spot {
                    at: *p,
                    place: "锦川河".to_owned(),
                    road: near(*p),
                    id: String::new(),
                })
                .collect(),
            markets: poi(&|p| p.subclass == "marketplace"),
            schools: poi(&|p| p.class == "school"),
            works: poi(&|p| p.subclass == "construction"),
            parks: poi(&|p| p.class == "park"),
            crowds: poi(&|p| matches!(p.subclass, "mall" | "subway" | "hospital" | "arts_centre")),
            components: plan
                .components
                .iter()
                .filter(|c| !c.road.is_empty())
                .map(component_spot)
                .collect(),
        }
    }

    fn list(&self, site: Site) -> &[Spot] {
        let wanted = match site {
            Site::Road | Site::Component => &self.streets,
            Site::ShopStreet => &self.shops,
            Site::Compound => &self.compounds,
            Site::OldCompound => &self.old_compounds,
            Site::River => &self.river,
            Site::Market => &self.markets,
            Site::School => &self.schools,
            Site::Works => &self.works,
            Site::Park => &self.parks,
            Site::Crowd => &self.crowds,
        };
        if wanted.is_empty() {
            &self.streets
        } else {
            wanted
        }
    }

    fn spot(&self, template: &Template, dice: &mut Dice) -> Option<Spot> {
        if template.site == Site::Component && !self.components.is_empty() {
            for _ in 0..400 {
                let (category, spot) = dice.pick(&self.components);
                if category == template.category {
                    return Some(spot.clone());
                }
            }
        }
        let list = self.list(template.site);
        (!list.is_empty()).then(|| dice.pick(list).clone())
    }

    /// Draws a matter that is reported in a local hour; nothing in a plan without streets.
    pub fn draw(&self, hour: u8, dice: &mut Dice) -> Option<Matter> {
        let weights: Vec<f64> = TEMPLATES
            .iter()
            .map(|t| t.weight * t.hours.weight(hour))
            .collect();
        let kind = dice.weighted(&weights);
        let template = &TEMPLATES[kind];
        let spot = self.spot(template, dice)?;
        let channel = *dice.pick(template.channels);
        let (n, m) = (dice.whole(2, 6), dice.whole(8, 30));
        let fill = |text: &str| {
            text.replace("{road}", &spot.road)
                .replace("{place}", &spot.place)
                .replace("{id}", &spot.id)
                .replace("{n}", &n.to_string())
                .replace("{m}", &m.to_string())
        };
        let jitter = Point {
            x: dice.between(-9.0, 9.0),
            y: dice.between(-9.0, 9.0),
        };
        let repeats = if dice.chance(0.09) {
            dice.whole(1, 4) as u32
        } else {
            0
        };
        Some(Matter {
            kind,
            category: template.category,
            channel,
            title: fill(template.title),
            description: format!(
                "{}{}",
                opening(channel),
                fill(dice.pick::<&str>(template.texts))
            ),
            address: address(&spot, template.site, dice),
            location: located(spot.at + jitter),
            repeats,
        })
    }
}

fn road_spot(edge: &Edge) -> Spot {
    let (at, dir) = along_line(&edge.line, edge.length_m * 0.4);
    let side = dir.left() * (edge.class.width_m() / 2.0 - 3.0);
    let at = if edge.class == RoadClass::Residential {
        at
    } else {
        at + side
    };
    Spot {
        at,
        place: edge.name.clone(),
        road: edge.name.clone(),
        id: String::new(),
    }
}

fn component_spot(component: &Component) -> (String, Spot) {
    let spot = Spot {
        at: component.at,
        place: component.road.clone(),
        road: component.road.clone(),
        id: component.id.clone(),
    };
    (component.category(), spot)
}

fn address(spot: &Spot, site: Site, dice: &mut Dice) -> String {
    match site {
        Site::Road | Site::Component => {
            format!("{}{}号附近", spot.road, dice.whole(1, 260))
        }
        Site::River => format!("锦川河（{}段）", spot.road),
        Site::Compound | Site::OldCompound if spot.place.starts_with(&spot.road) => {
            spot.place.clone()
        }
        _ => format!("{}{}", spot.road, spot.place.trim_start_matches(&spot.road)),
    }
}

/// How a channel begins its reports.
fn opening(channel: SourceChannel) -> &'static str {
    match channel {
        SourceChannel::GridPatrol => "网格员巡查发现：",
        SourceChannel::Hotline12345 => "市民来电反映：",
        SourceChannel::CitizenSnapshot => "市民随手拍上传：",
        SourceChannel::SocialMedia => "微信公众号留言：",
        SourceChannel::PoliceTransfer => "公安110转办：",
        SourceChannel::AiCamera => "视频智能分析发现（待人工确认）：",
        SourceChannel::IotSensor => "物联感知设备告警：",
        SourceChannel::CityCollector => "城管信息采集员上报：",
        SourceChannel::PropertyCompany => "物业公司报告：",
        SourceChannel::VolunteerReport => "志愿者反映：",
        SourceChannel::DutyPhone => "值班电话接报：",
        _ => "转办：",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_words_and_a_known_shape() {
        for template in TEMPLATES {
            assert!(!template.texts.is_empty() && !template.channels.is_empty());
            assert!(template.weight > 0.0 && template.handling_min >= 10.0);
        }
    }

    #[test]
    fn a_day_has_between_fifty_and_three_hundred_reports() {
        let total: f64 = REPORTS_PER_HOUR.iter().sum();
        assert!((50.0..=300.0).contains(&total), "{total}");
    }
}
