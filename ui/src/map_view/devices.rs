//! Cameras and sensors as the map has them: one layer, in which the sensors are numbered on from the
//! cameras, in the order of the reference data.

use domain::places::SensorKind;
use map_protocol::{self as map, ToMap};
use protocol::Reference;

use super::pack;
use crate::state::{Catalogue, Selection};

/// All devices of the street. Whether a device delivers is not known to the hall; none is shown as
/// though it did not.
pub fn all(reference: &Reference) -> ToMap {
    let cameras = reference.cameras.iter();
    let cameras = cameras.map(|camera| (camera.location, map::DeviceKind::Camera));
    let sensors = reference.sensors.iter();
    let sensors = sensors.map(|sensor| (sensor.location, mark_of(sensor.kind)));
    let numbered = (0..).zip(cameras.chain(sensors));
    ToMap::SetCameras {
        cameras: numbered
            .map(|(id, (location, kind))| map::Camera {
                at: pack::position(location),
                id,
                kind,
                state: map::CameraState::Online,
            })
            .collect(),
    }
}

const fn mark_of(kind: SensorKind) -> map::DeviceKind {
    match kind {
        SensorKind::WaterLevel => map::DeviceKind::WaterLevel,
        SensorKind::Smoke => map::DeviceKind::Smoke,
        SensorKind::Gas => map::DeviceKind::Gas,
        SensorKind::Environment => map::DeviceKind::Sensor,
    }
}

/// The number of a selected device on the map.
pub fn number_of(catalogue: &Catalogue, selection: &Selection) -> Option<u32> {
    let index = match selection {
        Selection::Camera(id) => catalogue.camera_index(id)?,
        Selection::Sensor(id) => catalogue.reference.cameras.len() + catalogue.sensor_index(id)?,
        _ => return None,
    };
    u32::try_from(index).ok()
}

/// The device of a number on the map.
pub fn selection_of(reference: &Reference, number: usize) -> Option<Selection> {
    if let Some(camera) = reference.cameras.get(number) {
        return Some(Selection::Camera(camera.id.clone()));
    }
    let sensor = reference.sensors.get(number - reference.cameras.len())?;
    Some(Selection::Sensor(sensor.id.clone()))
}

#[cfg(test)]
mod tests {
    use domain::places::{Camera, Sensor};
    use domain::{CameraId, LonLat, SensorId};

    use super::*;
    use crate::screens::desk::sample;

    fn at(lon: f64) -> LonLat {
        LonLat::new(lon, 30.6)
    }

    fn reference() -> Reference {
        let mut reference = sample::reference();
        reference.cameras = vec![Camera {
            id: CameraId::from("51010500001320000001"),
            name: "建设路口".to_owned(),
            location: at(104.05),
            heading_deg: 0.0,
        }];
        reference.sensors = (1..)
            .zip(SensorKind::ALL)
            .map(|(number, kind)| Sensor {
                id: SensorId(format!("{number}")),
                kind,
                name: format!("感知点{number}"),
                location: at(104.05 + f64::from(number) * 0.001),
            })
            .collect();
        reference
    }

    #[test]
    fn every_device_is_found_by_its_number_and_back() {
        let catalogue = Catalogue::new(reference());
        let ToMap::SetCameras { cameras } = all(&catalogue.reference) else {
            panic!("devices");
        };
        assert_eq!(cameras.len(), 5);
        for (place, device) in cameras.iter().enumerate() {
            assert_eq!(device.id as usize, place);
            let selection = selection_of(&catalogue.reference, place).unwrap();
            assert_eq!(number_of(&catalogue, &selection), Some(device.id));
            let is_camera = matches!(selection, Selection::Camera(_));
            assert_eq!(is_camera, device.kind == map::DeviceKind::Camera);
        }
        assert_eq!(selection_of(&catalogue.reference, 5), None);
        let unknown = Selection::Sensor(SensorId::from("another"));
        assert_eq!(number_of(&catalogue, &unknown), None);
    }
}
