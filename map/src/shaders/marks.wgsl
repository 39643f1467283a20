// Marks: people. One instanced quad each; the shape is a distance field.

struct Mark {
    @builtin(vertex_index) corner: u32,
    // Where it is, in steps of 2^-32 of the world.
    @location(0) at: vec2<u32>,
    // Shape, fill, outline and inner ring (255: none), the last three as slots of the palette.
    @location(1) look: vec4<u32>,
    // Radius in quarters of a CSS pixel, opacity of 255, flags (1: hollow, 2: headed, above them
    // the heading in 64ths of a turn), outer ring.
    @location(2) measure: vec4<u32>,
    // Where it glides from, and when: start and duration in milliseconds.
    @location(3) before: vec2<u32>,
    @location(4) glide: vec2<u32>,
};

struct Corner {
    @builtin(position) position: vec4<f32>,
    // CSS pixels from the centre.
    @location(0) px: vec2<f32>,
    // The same over the whole mark, so that nothing is worked out between its corners, and as much
    // as can be once for each mark: what is done for each pixel of a crowd is done for millions.
    // Whether it is a triangle, radius, opacity, hollow.
    @location(1) @interpolate(flat) form: vec4<f32>,
    // Of a circle, a diamond or a square: sine and cosine of its turn, half the side inside of its round
    // corners, and their radius.
    @location(2) @interpolate(flat) square: vec4<f32>,
    @location(3) @interpolate(flat) fill: vec4<f32>,
    @location(4) @interpolate(flat) outline: vec4<f32>,
    @location(5) @interpolate(flat) inner_ring: vec4<f32>,
    @location(6) @interpolate(flat) outer_ring: vec4<f32>,
    // Sine and cosine of the heading, its opacity, and that of the shadow.
    @location(7) @interpolate(flat) heading: vec4<f32>,
    // Across the slanting side of the wedge that shows the heading.
    @location(8) @interpolate(flat) side: vec2<f32>,
};

fn from_origin(at: vec2<u32>) -> vec2<f32> {
    let offset = vec2<i32>(at - plane.origin);
    return vec2<f32>(offset);
}

// How far from its centre a mark draws anything: no further, since without a graphics card a crowd
// costs by the pixels it may touch.
fn reach_of(shape: u32, radius: f32, rings: vec2<bool>, headed: bool) -> f32 {
    // A circle has no corners. The shadow ends with the inner ring.
    let shadow_or_ring = plane.measure.w > 0.0 || rings.x;
    var reach = select(radius * 1.4, radius, shape == 0u) + select(1.8, 5.1, shadow_or_ring);
    if (rings.y) {
        reach = max(reach, radius * select(1.4, 1.0, shape == 0u) + 8.2);
    }
    if (headed) {
        reach = max(reach, radius * 2.0 + 5.0);
    }
    return reach;
}

@vertex
fn vertex(mark: Mark) -> Corner {
    var share = 1.0;
    if (mark.glide.y > 0u) {
        share = clamp(f32(frame.clock.x - mark.glide.x) / f32(mark.glide.y), 0.0, 1.0);
    }
    // From the goal back, in exact steps: the place that a standing mark came from may lie a world
    // away, and what is left of such a number would move it by pixels.
    let back = vec2<f32>(vec2<i32>(mark.before - mark.at)) * (1.0 - share);
    let place = from_origin(mark.at) + back;
    let radius = f32(mark.measure.x) * 0.25 * plane.measure.x;
    let headed = (mark.measure.z & 2u) != 0u && plane.measure.z > 0.0;
    let rings = vec2<bool>(mark.look.w < 96u, mark.measure.w < 96u);
    let reach = reach_of(mark.look.x, radius, rings, headed);
    let unit = vec2<f32>(f32(mark.corner & 1u), f32(mark.corner >> 1u)) * 2.0 - vec2<f32>(1.0, 1.0);
    var out: Corner;
    out.px = unit * reach;
    out.position = moved_px(clip_at(place), out.px);
    out.form = vec4<f32>(
        select(0.0, 1.0, mark.look.x == 2u),
        radius,
        f32(mark.measure.y) / 255.0 * plane.measure.y,
        f32(mark.measure.z & 1u),
    );
    // A circle is a square of no size with round corners, a diamond stands on one of them.
    out.square = vec4<f32>(0.0, 1.0, 0.0, radius);
    if (mark.look.x == 1u) {
        out.square = vec4<f32>(0.70710678, 0.70710678, radius * 0.72, radius * 0.22);
    }
    if (mark.look.x == 4u) {
        out.square = vec4<f32>(0.0, 1.0, radius * 0.6, radius * 0.3);
    }
    out.fill = slot(mark.look.y);
    out.outline = slot(mark.look.z);
    out.inner_ring = slot(mark.look.w);
    out.outer_ring = slot(mark.measure.w);
    out.heading = vec4<f32>(0.0, 1.0, 0.0, 0.42 * plane.measure.w);
    if (headed) {
        let angle = f32(mark.measure.z >> 2u) * 0.09817477;
        out.heading = vec4<f32>(sin(angle), cos(angle), plane.measure.z, out.heading.w);
    }
    out.side = normalize(vec2<f32>(radius + 2.2, radius * 0.42 + 0.9));
    return out;
}

// A wedge before the mark, pointing in its heading: an isosceles triangle with its tip outwards.
fn wedge_distance(p: vec2<f32>, heading: vec2<f32>, r: f32, side: vec2<f32>) -> f32 {
    // The heading points up in these axes.
    let q = vec2<f32>(p.x * heading.y + p.y * heading.x, p.y * heading.y - p.x * heading.x);
    let base = r + 1.2;
    let height = r + 2.2;
    let along = -q.y - base;
    return max(-along, dot(vec2<f32>(abs(q.x), along - height), side));
}

fn distance_of(in: Corner) -> f32 {
    let r = in.form.y;
    let turned = vec2<f32>(
        in.px.x * in.square.y + in.px.y * in.square.x,
        in.px.y * in.square.y - in.px.x * in.square.x,
    );
    let q = abs(turned) - vec2<f32>(in.square.z, in.square.z);
    let round = length(max(q, vec2<f32>(0.0, 0.0))) + min(max(q.x, q.y), 0.0) - in.square.w;
    let pointed = triangle_distance(in.px - vec2<f32>(0.0, r * 0.14), r * 1.16, r * 0.2);
    return select(round, pointed, in.form.x > 0.5);
}

// From the top down: how much of each part is seen through those above it, and only then the
// colours, so that they are mixed once.
@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let d = distance_of(in);
    let edge = 1.25;
    let wedge = wedge_distance(in.px, in.heading.xy, in.form.y, in.side);
    let tip = vec2<f32>(cover(wedge), cover(wedge - edge)) * in.heading.z;
    let behind_tip = 1.0 - in.fill.a * cover(wedge);
    let ring = tip.y * behind_tip;
    var seen = 1.0 - in.fill.a * tip.x - in.outline.a * ring;
    let hole = cover(d + 1.7) * in.form.w * seen;
    seen = seen - in.outline.a * hole;
    let body = cover(d) * seen;
    seen = seen - in.fill.a * body;
    let rim = cover(d - edge) * seen;
    seen = seen - in.outline.a * rim;
    let inner = cover(abs(d - 3.4) - 1.0) * seen;
    seen = seen - in.inner_ring.a * inner;
    let outer = cover(abs(d - 6.6) - 0.9) * seen;
    seen = seen - in.outer_ring.a * outer;
    // A soft shadow lifts the mark from the map.
    let depth = clamp(1.0 - (d - edge) / 3.5, 0.0, 1.0);
    let shadow = vec4<f32>(0.0, 0.0, 0.0, in.heading.w * depth * depth * seen);
    let colour = in.fill * (tip.x + body) + in.outline * (ring + hole + rim)
        + in.inner_ring * inner + in.outer_ring * outer + shadow;
    return colour * in.form.z;
}
