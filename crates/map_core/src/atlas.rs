//! Packs small bitmaps into one large one, shelf by shelf.

/// A place in the atlas, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtlasRect {
    /// Left edge.
    pub x: u16,
    /// Upper edge.
    pub y: u16,
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

/// A shelf packer with one pixel between neighbours, so that filtering never mixes them.
#[derive(Clone, Debug)]
pub struct ShelfPacker {
    width: u16,
    height: u16,
    shelves: Vec<Shelf>,
}

#[derive(Clone, Copy, Debug)]
struct Shelf {
    y: u16,
    height: u16,
    used: u16,
}

impl ShelfPacker {
    /// An empty atlas.
    pub fn new(width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            shelves: Vec::new(),
        }
    }

    /// A free place for a bitmap, or `None` when the atlas is full: then clear it and start again, or use another.
    pub fn pack(&mut self, width: u16, height: u16) -> Option<AtlasRect> {
        let (w, h) = (width.checked_add(1)?, height.checked_add(1)?);
        if w > self.width || h > self.height {
            return None;
        }
        // Bitmaps go on the lowest shelf that they fill to two thirds, so that tall shelves stay free for tall ones.
        let fits = |s: &&mut Shelf| {
            s.height >= h && u32::from(s.height) * 2 <= u32::from(h) * 3 && self.width - s.used >= w
        };
        if let Some(shelf) = self
            .shelves
            .iter_mut()
            .filter(fits)
            .min_by_key(|s| s.height)
        {
            let rect = AtlasRect {
                x: shelf.used,
                y: shelf.y,
                width,
                height,
            };
            shelf.used += w;
            return Some(rect);
        }
        let y = self.shelves.last().map_or(0, |s| s.y + s.height);
        if self.height - y < h {
            return self.pack_anywhere(w, h);
        }
        self.shelves.push(Shelf {
            y,
            height: h,
            used: w,
        });
        Some(AtlasRect {
            x: 0,
            y,
            width,
            height,
        })
    }

    /// Pixels that are taken, with the gaps between neighbours and what is free above the lower ones.
    pub fn used_px(&self) -> usize {
        let shelves = self.shelves.iter();
        let areas = shelves.map(|shelf| usize::from(shelf.used) * usize::from(shelf.height));
        areas.sum()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.shelves.clear();
    }

    /// The last resort when no shelf can be added: any shelf that is high enough.
    fn pack_anywhere(&mut self, w: u16, h: u16) -> Option<AtlasRect> {
        let free = |s: &&mut Shelf| s.height >= h && self.width - s.used >= w;
        let shelf = self
            .shelves
            .iter_mut()
            .filter(free)
            .min_by_key(|s| s.height)?;
        let rect = AtlasRect {
            x: shelf.used,
            y: shelf.y,
            width: w - 1,
            height: h - 1,
        };
        shelf.used += w;
        Some(rect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_never_overlap_and_stay_inside(sizes in prop::collection::vec((1u16..60, 1u16..60), 1..200)) {
            let mut packer = ShelfPacker::new(256, 256);
            let mut taken: Vec<AtlasRect> = Vec::new();
            for (w, h) in sizes {
                let Some(r) = packer.pack(w, h) else { continue };
                prop_assert_eq!((r.width, r.height), (w, h));
                prop_assert!(r.x + w <= 256 && r.y + h <= 256);
                for t in &taken {
                    let apart = r.x + w < t.x + 1 && r.x + w <= t.x || t.x + t.width <= r.x
                        || r.y + h <= t.y || t.y + t.height <= r.y;
                    prop_assert!(apart, "{:?} {:?}", r, t);
                }
                taken.push(r);
            }
        }
    }

    #[test]
    fn a_full_atlas_says_so_and_can_be_cleared() {
        let mut packer = ShelfPacker::new(64, 64);
        assert!(packer.pack(64, 10).is_none(), "no room for the gap");
        assert!(packer.pack(60, 60).is_some());
        assert!(packer.pack(10, 10).is_none());
        assert_eq!(packer.used_px(), 61 * 61);
        packer.clear();
        assert_eq!(packer.used_px(), 0);
        assert!(packer.pack(10, 10).is_some());
        assert!(packer.pack(20, 8).is_some());
        assert_eq!(packer.used_px(), (11 + 21) * 11, "they share a shelf");
    }
}
