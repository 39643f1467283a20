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
    // The same over the whole mark, so that nothing is worked out between its corners.
    // Shape, radius, opacity, hollow.
    @location(1) @interpolate(flat) form: vec4<f32>,
    @location(2) @interpolate(flat) fill: vec4<f32>,
    @location(3) @interpolate(flat) outline: vec4<f32>,
    @location(4) @interpolate(flat) inner_ring: vec4<f32>,
    @location(5) @interpolate(flat) outer_ring: vec4<f32>,
    // Sine and cosine of the heading; nothing without one.
    @location(6) @interpolate(flat) heading: vec2<f32>,
};

fn from_origin(at: vec2<u32>) -> vec2<f32> {
    let offset = vec2<i32>(at - plane.origin);
    return vec2<f32>(offset);
}

// How far from its centre a mark draws anything: no further, since without a graphics card a crowd
// costs by the pixels it may touch.
fn reach_of(shape: u32, radius: f32, ringed: bool, headed: bool) -> f32 {
    // A circle has no corners. The shadow ends with the inner ring.
    var reach = select(radius * 1.4, radius, shape == 0u) + 5.1;
    if (ringed) {
        reach = reach + 3.1;
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
    let reach = reach_of(mark.look.x, radius, mark.measure.w < 96u, headed);
    let unit = vec2<f32>(f32(mark.corner & 1u), f32(mark.corner >> 1u)) * 2.0 - vec2<f32>(1.0, 1.0);
    var out: Corner;
    out.px = unit * reach;
    out.position = moved_px(clip_at(place), out.px);
    out.form = vec4<f32>(
        f32(mark.look.x),
        radius,
        f32(mark.measure.y) / 255.0 * plane.measure.y,
        f32(mark.measure.z & 1u),
    );
    out.fill = slot(mark.look.y);
    out.outline = slot(mark.look.z);
    out.inner_ring = slot(mark.look.w);
    out.outer_ring = slot(mark.measure.w);
    out.heading = vec2<f32>(0.0, 0.0);
    if (headed) {
        let angle = f32(mark.measure.z >> 2u) * 0.09817477;
        out.heading = vec2<f32>(sin(angle), cos(angle));
    }
    return out;
}

// A wedge before the mark, pointing in its heading: an isosceles triangle with its tip outwards.
fn wedge_distance(p: vec2<f32>, heading: vec2<f32>, r: f32) -> f32 {
    // The heading points up in these axes.
    let q = vec2<f32>(p.x * heading.y + p.y * heading.x, p.y * heading.y - p.x * heading.x);
    let base = r + 1.2;
    let height = r + 2.2;
    let half_base = r * 0.42 + 0.9;
    let side = vec2<f32>(height, half_base) / length(vec2<f32>(height, half_base));
    let along = -q.y - base;
    return max(-along, dot(vec2<f32>(abs(q.x), along - height), side));
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let r = in.form.y;
    let d = shape_distance(in.form.x, in.px, r);
    let hollow = in.form.w;
    let edge = 1.25;

    // A soft shadow lifts the mark from the map.
    let depth = clamp(1.0 - (d - edge) / (3.5), 0.0, 1.0);
    var colour = vec4<f32>(0.0, 0.0, 0.0, 0.42 * depth * depth);
    let outer = abs(d - 6.6) - 0.9;
    colour = over(in.outer_ring * cover(outer), colour);
    let inner = abs(d - 3.4) - 1.0;
    colour = over(in.inner_ring * cover(inner), colour);
    colour = over(in.outline * cover(d - edge), colour);
    let body = in.fill * cover(d);
    let hole = in.outline * cover(d + 1.7) * hollow;
    colour = over(hole, over(body, colour));
    if (dot(in.heading, in.heading) > 0.5) {
        let wedge = wedge_distance(in.px, in.heading, r);
        let lit = over(in.fill * cover(wedge), in.outline * cover(wedge - edge));
        colour = over(lit * plane.measure.z, colour);
    }
    return colour * in.form.z;
}
