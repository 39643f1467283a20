//! Pictures of a window, and questions about their pixels.

use std::collections::HashSet;

/// A picture as rows of RGB.
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    rgb: Vec<[u8; 3]>,
}

impl Pixels {
    /// Decodes a PNG of 8-bit RGB or RGBA.
    pub fn from_png(png: &[u8]) -> Self {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut bytes).expect("a whole PNG");
        let channels = info.color_type.samples();
        assert!(channels >= 3, "the screenshot has colours");
        let rgb = bytes[..info.buffer_size()]
            .chunks_exact(channels)
            .map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
        Self {
            width: info.width,
            height: info.height,
            rgb,
        }
    }

    /// The colour at a place.
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        self.rgb[(y * self.width + x) as usize]
    }

    /// How many different colours a rectangle has.
    pub fn colours(&self, x: std::ops::Range<u32>, y: std::ops::Range<u32>) -> usize {
        self.area(x, y).collect::<HashSet<_>>().len()
    }

    /// How many pixels of a rectangle are within `tolerance` of a colour, per channel.
    pub fn near(
        &self,
        x: std::ops::Range<u32>,
        y: std::ops::Range<u32>,
        colour: [u8; 3],
        tolerance: u8,
    ) -> usize {
        self.area(x, y)
            .filter(|p| {
                p.iter()
                    .zip(colour)
                    .all(|(a, b)| a.abs_diff(b) <= tolerance)
            })
            .count()
    }

    /// Share of the pixels of a rectangle that differ between two pictures of the same size.
    pub fn changed(&self, other: &Self, x: std::ops::Range<u32>, y: std::ops::Range<u32>) -> f64 {
        assert_eq!((self.width, self.height), (other.width, other.height));
        let all = self.area(x.clone(), y.clone()).count().max(1);
        let differing = self
            .area(x.clone(), y.clone())
            .zip(other.area(x, y))
            .filter(|(a, b)| a != b);
        differing.count() as f64 / all as f64
    }

    fn area(
        &self,
        x: std::ops::Range<u32>,
        y: std::ops::Range<u32>,
    ) -> impl Iterator<Item = [u8; 3]> + '_ {
        y.flat_map(move |y| x.clone().map(move |x| self.at(x, y)))
    }
}
