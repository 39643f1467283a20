// Clusters: a ring whose parts are the shares of the severities, around room for the total.

struct Donut {
    @builtin(vertex_index) corner: u32,
    // Where it is, in steps of 2^-32 of the world.
    @location(0) at: vec2<u32>,
    // Where each part of the ring ends, of one turn from the top clockwise, the largest severity first.
    @location(1) ends: vec4<f32>,
    // Radius in quarters of a CSS pixel, opacity of 255, inner and outer halo (255: none).
    @location(2) measure: vec4<u32>,
};

struct Corner {
    @builtin(position) position: vec4<f32>,
    // CSS pixels from the centre.
    @location(0) px: vec2<f32>,
    @location(1) ends: vec4<f32>,
    // Radius, opacity.
    @location(2) form: vec2<f32>,
    @location(3) inner_halo: vec4<f32>,
    @location(4) outer_halo: vec4<f32>,
    // Whether the inner and the outer halo are dashed.
    @location(5) dashed: vec2<f32>,
};

// Slots of the palette, see palette.rs.
let SEVERITY = 48u;
let GROUND = 52u;

@vertex
fn vertex(donut: Donut) -> Corner {
    let offset = vec2<i32>(donut.at - plane.origin);
    let radius = f32(donut.measure.x) * 0.25 * plane.measure.x;
    let unit = vec2<f32>(f32(donut.corner & 1u), f32(donut.corner >> 1u)) * 2.0 - vec2<f32>(1.0, 1.0);
    var out: Corner;
    out.px = unit * (radius + 10.0);
    out.position = moved_px(clip_at(vec2<f32>(offset)), out.px);
    out.ends = donut.ends;
    out.form = vec2<f32>(radius, f32(donut.measure.y) / 255.0 * plane.measure.y);
    out.inner_halo = slot(donut.measure.z);
    out.outer_halo = slot(donut.measure.w);
    out.dashed = vec2<f32>(is_dashed(donut.measure.z), is_dashed(donut.measure.w));
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let r = in.form.x;
    let away = length(in.px);
    let d = away - r;
    let edge = 1.25;
    let ground = frame.colours[GROUND];
    let depth = clamp(1.0 - (d - edge) / 3.5, 0.0, 1.0);
    var colour = vec4<f32>(0.0, 0.0, 0.0, 0.42 * depth * depth);
    colour = over(in.outer_halo * ring_cover(in.px, d - 6.2, 0.8, r + 6.2, in.dashed.y), colour);
    colour = over(in.inner_halo * ring_cover(in.px, d - 3.2, 1.0, r + 3.2, in.dashed.x), colour);
    colour = over(ground * cover(d - edge), colour);

    // The turn from the top clockwise, 0 to 1.
    var turn = atan2(in.px.x, -in.px.y) / 6.2831853;
    if (turn < 0.0) {
        turn = turn + 1.0;
    }
    var part = 3u;
    var start = in.ends.z;
    var end = 1.0;
    if (turn < in.ends.x) {
        part = 0u;
        start = 0.0;
        end = in.ends.x;
    } else if (turn < in.ends.y) {
        part = 1u;
        start = in.ends.x;
        end = in.ends.y;
    } else if (turn < in.ends.z) {
        part = 2u;
        start = in.ends.y;
        end = in.ends.z;
    }
    let width = max(r * 0.27, 3.2);
    let ring = cover(abs(d + width * 0.5) - width * 0.5);
    var gap = 1.0;
    if (end - start < 0.999) {
        // A thin gap between two parts, as wide at the inner rim as at the outer one.
        let nearest = min(turn - start, end - turn) * 6.2831853 * away;
        gap = 1.0 - cover(nearest - 0.7);
    }
    colour = over(frame.colours[SEVERITY + 3u - part] * ring * gap, colour);
    return colour * in.form.y;
}
