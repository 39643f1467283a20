//! The walk through a style's layers that fills a tile's buckets.

use std::ops::ControlFlow;

use super::budget::{Budget, CORNERS_OF_A_PIECE, vertices_left};
use super::clip::{self, BUFFER, ClipBox};
use super::ribbon::{Corner, RibbonShape, RibbonSink, ribbon, snorm};
use super::symbols::{self, LineLabels};
use super::{CircleInstance, Draw, DrawKind, EXTENT, FillVertex, LineVertex, TileBuckets, TileKey};
use crate::colour::Colour;
use crate::geometry::{Point, nearest_i16, triangulate, twice_area};
use crate::mvt::{Feature, GeometryKind, Layer as TileLayer, Tile};
use crate::style::{Baking, Content, FeatureView, KeyIndex, Layer, LineCap, LineJoin, Style};

/// What geometry is cut to.
const AREA: ClipBox = ClipBox {
    min: -BUFFER,
    max: EXTENT as f64 + BUFFER,
};

pub(super) fn build(tile: &Tile, style: &Style, key: TileKey) -> TileBuckets {
    let mut builder = Builder {
        out: TileBuckets::empty(key),
        budget: Budget::of_a_tile(),
        key,
    };
    let indexes: Vec<KeyIndex<'_>> = tile.layers.iter().map(KeyIndex::of).collect();
    for (index, layer) in style.layers.iter().enumerate() {
        if !layer.is_visible_within(key.display_zoom) {
            continue;
        }
        let source = tile
            .layers
            .iter()
            .zip(&indexes)
            .find(|(l, _)| l.name == layer.source_layer);
        if let Some((tile_layer, keys)) = source {
            builder.layer(index as u32, layer, tile_layer, keys);
        }
    }
    builder.out
}

struct Builder {
    out: TileBuckets,
    budget: Budget,
    key: TileKey,
}

impl Builder {
    fn layer(&mut self, index: u32, layer: &Layer, source: &TileLayer, keys: &KeyIndex<'_>) {
        let baking = |feature| Baking {
            feature: FeatureView::new(source, feature, keys),
            display_zoom: self.key.display_zoom,
        };
        let mut chosen: Vec<(&Feature, Baking<'_>)> = source
            .features
            .iter()
            .map(|feature| (feature, baking(feature)))
            .filter(|(_, baking)| layer.accepts(baking.feature, self.key.display_zoom))
            .collect();
        let sort_key = |baking: &Baking<'_>| match layer.content() {
            Content::Fill(fill) => fill.sort_key_for(baking),
            Content::Line(line) => line.sort_key_for(baking),
            Content::Circle(circle) => circle.sort_key_for(baking),
            Content::Background(_) | Content::Raster(_) | Content::Symbol(_) => None,
        };
        if chosen
            .first()
            .is_some_and(|(_, baking)| sort_key(baking).is_some())
        {
            chosen.sort_by(|a, b| {
                sort_key(&a.1)
                    .unwrap_or(0.0)
                    .total_cmp(&sort_key(&b.1).unwrap_or(0.0))
            });
        }
        let scale = f64::from(EXTENT) / f64::from(source.extent);
        let starts = self.starts();
        let mut lines = LineLabels::default();
        for (feature, baking) in &chosen {
            let flow = if let Content::Symbol(symbol) = layer.content() {
                if !self.budget.has_labels() {
                    ControlFlow::Break(())
                } else if let Some(baked) = symbol.baked_for(baking) {
                    symbols::collect(
                        baked,
                        feature,
                        &scaled(feature, scale),
                        (index, [layer.min_zoom, layer.max_zoom]),
                        (&mut lines, &mut self.out.symbols),
                        &mut self.budget,
                    )
                } else {
                    ControlFlow::Continue(())
                }
            } else if is_full(&self.out) {
                ControlFlow::Break(())
            } else {
                self.feature(layer.content(), feature, baking, scale)
            };
            // The tile is what it has so far: what there is no room for is told apart from what was not there.
            self.out.skipped_features += u32::from(flow.is_break());
        }
        lines.into_candidates(
            index,
            [layer.min_zoom, layer.max_zoom],
            &mut self.out.symbols,
        );
        self.end_layer(index, layer, starts);
    }

    /// Adds what is drawn of one feature; a kind of geometry that the layer does not draw adds nothing. Breaks where
    /// the tile's budget leaves something out.
    fn feature(
        &mut self,
        content: &Content,
        feature: &Feature,
        baking: &Baking<'_>,
        scale: f64,
    ) -> ControlFlow<()> {
        match (content, feature.kind) {
            (Content::Fill(fill), GeometryKind::Polygon) => {
                let rings = scaled(feature, scale);
                let filled = self.fill(&rings, fill.colour_for(baking));
                let Some(colour) = fill.outline_for(baking) else {
                    return filled;
                };
                let outlined = self.lines(&rings, true, OUTLINE, [1.0; 2], colour);
                if filled.is_break() { filled } else { outlined }
            }
            (Content::Line(line), GeometryKind::LineString | GeometryKind::Polygon) => {
                let baked = line.baked_for(baking);
                let shape = RibbonShape {
                    closed: false,
                    cap: baked.cap,
                    join: baked.join,
                    miter_limit: f64::from(baked.miter_limit),
                };
                let closed = feature.kind == GeometryKind::Polygon;
                self.lines(
                    &scaled(feature, scale),
                    closed,
                    shape,
                    baked.widths,
                    baked.colour,
                )
            }
            (Content::Circle(circle), GeometryKind::Point) => {
                let radii = circle.radii_for(baking);
                self.circles(&scaled(feature, scale), radii, circle.colour_for(baking))
            }
            _ => ControlFlow::Continue(()),
        }
    }

    /// How much there is of everything.
    fn starts(&self) -> [u32; 3] {
        [
            self.out.fill_indices.len(),
            self.out.line_indices.len(),
            self.out.circles.len(),
        ]
        .map(|n| n as u32)
    }

    /// Writes down what a layer has added.
    fn end_layer(&mut self, layer: u32, content: &Layer, starts: [u32; 3]) {
        let ends = self.starts();
        let line_kind = if matches!(content.content(), Content::Fill(_)) {
            DrawKind::FillOutline
        } else {
            DrawKind::Line
        };
        for (kind, start, end) in [
            (DrawKind::Fill, starts[0], ends[0]),
            (line_kind, starts[1], ends[1]),
            (DrawKind::Circle, starts[2], ends[2]),
        ] {
            if end > start {
                self.out.draws.push(Draw {
                    layer,
                    kind,
                    range: start..end,
                });
            }
        }
    }

    fn fill(&mut self, rings: &[Vec<Point>], colour: Colour) -> ControlFlow<()> {
        let colour = colour.to_unorm16();
        let mut flow = ControlFlow::Continue(());
        let mut add = |polygon: &[Vec<Point>]| {
            if self.polygon(polygon, colour).is_break() {
                flow = ControlFlow::Break(());
            }
        };
        let mut polygon: Vec<Vec<Point>> = Vec::new();
        let mut outer_is_gone = true;
        for ring in rings {
            let outer = twice_area(ring) > 0.0;
            if outer {
                add(&polygon);
                polygon.clear();
            } else if outer_is_gone {
                continue;
            }
            let clipped = clip::ring(ring.clone(), AREA);
            let usable = clipped.len() >= 3;
            if outer {
                outer_is_gone = !usable;
            }
            if usable {
                polygon.push(clipped);
            }
        }
        add(&polygon);
        flow
    }

    /// Adds one polygon; breaks where it is too much or absurd. What follows it may still be drawn.
    fn polygon(&mut self, rings: &[Vec<Point>], colour: [u16; 4]) -> ControlFlow<()> {
        if rings.is_empty() {
            return ControlFlow::Continue(());
        }
        let count: usize = rings.iter().map(Vec::len).sum();
        if count > vertices_left(&self.out) || !self.budget.takes_triangulation(rings) {
            return ControlFlow::Break(());
        }
        let Some((corners, triangles)) = triangulate(rings) else {
            // A sliver that clipping left without area is no loss.
            let is_lost = twice_area(&rings[0]).abs() > 2.0;
            return if is_lost {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            };
        };
        let base = self.out.fill_vertices.len() as u32;
        self.out
            .fill_vertices
            .extend(corners.iter().map(|p| FillVertex {
                position: units(*p),
                colour,
            }));
        self.out
            .fill_indices
            .extend(triangles.iter().map(|i| base + i));
        ControlFlow::Continue(())
    }

    fn lines(
        &mut self,
        parts: &[Vec<Point>],
        closed: bool,
        shape: RibbonShape,
        widths: [f32; 2],
        colour: Colour,
    ) -> ControlFlow<()> {
        let widths = widths.map(|w| (w * 256.0).round().clamp(0.0, 65_535.0) as u16);
        let mut sink = LineSink {
            out: &mut self.out,
            widths,
            colour: colour.to_unorm16(),
        };
        for part in parts {
            let mut line = part.clone();
            line.dedup();
            if closed {
                line.extend(part.first().copied());
            }
            clip::each_part(&line, AREA, &mut |clipped| {
                let is_whole =
                    closed && clipped.len() == line.len() && clipped.first() == clipped.last();
                let points = if is_whole {
                    &clipped[..clipped.len() - 1]
                } else {
                    clipped
                };
                ribbon(
                    points,
                    RibbonShape {
                        closed: is_whole,
                        ..shape
                    },
                    &mut sink,
                );
                if sink.is_full() {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })?;
        }
        ControlFlow::Continue(())
    }

    fn circles(
        &mut self,
        parts: &[Vec<Point>],
        radii: [f32; 2],
        colour: Colour,
    ) -> ControlFlow<()> {
        let radii = radii.map(|r| (r * 256.0).round().clamp(0.0, 65_535.0) as u16);
        let colour = colour.to_unorm16();
        let inside = |p: &&Point| p.iter().all(|v| (AREA.min..=AREA.max).contains(v));
        for point in parts.iter().flatten().filter(inside) {
            if is_full(&self.out) {
                return ControlFlow::Break(());
            }
            self.out.circles.push(CircleInstance {
                position: units(*point),
                radii,
                colour,
            });
        }
        ControlFlow::Continue(())
    }
}

/// Whether a tile has no room for another piece of a line.
fn is_full(out: &TileBuckets) -> bool {
    vertices_left(out) < CORNERS_OF_A_PIECE
}

/// How the outlines of fills are shaped.
const OUTLINE: RibbonShape = RibbonShape {
    closed: true,
    cap: LineCap::Butt,
    join: LineJoin::Miter,
    miter_limit: 2.0,
};

fn scaled(feature: &Feature, scale: f64) -> Vec<Vec<Point>> {
    let part = |p: &Vec<[i32; 2]>| p.iter().map(|c| c.map(|v| f64::from(v) * scale)).collect();
    feature.parts.iter().map(part).collect()
}

fn units(p: Point) -> [i16; 2] {
    p.map(nearest_i16)
}

struct LineSink<'a> {
    out: &'a mut TileBuckets,
    widths: [u16; 2],
    colour: [u16; 4],
}

impl RibbonSink for LineSink<'_> {
    fn corner(&mut self, corner: Corner) -> u32 {
        let vertex = LineVertex {
            position: units(corner.at),
            extrude: snorm(corner.extrude, 4.0),
            edge: snorm(corner.edge, 1.0),
            widths: self.widths,
            colour: self.colour,
            distance: corner.distance as f32,
        };
        self.out.line_vertices.push(vertex);
        self.out.line_vertices.len() as u32 - 1
    }

    fn triangle(&mut self, corners: [u32; 3]) {
        self.out.line_indices.extend(corners);
    }

    fn is_full(&self) -> bool {
        is_full(self.out)
    }
}
