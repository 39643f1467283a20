// Pins: incidents and devices. One instanced quad each: a ring in the shape and the colour of the
// level, a picture in it, the lamp of the clock beside it, halos around it.

@group(2) @binding(0) var pictures: texture_2d<f32>;
@group(2) @binding(1) var pictures_sampler: sampler;

struct Pin {
    @builtin(vertex_index) corner: u32,
    // Where it is, in steps of 2^-32 of the world.
    @location(0) at: vec2<u32>,
    // Shape, slot of the ring, picture, slot of the lamp (255: none).
    @location(1) look: vec4<u32>,
    // Radius in quarters of a CSS pixel, opacity of 255, form of the lamp, whether it pulses.
    @location(2) measure: vec4<u32>,
    // Slots of the inner and the outer halo (255: none), two unused.
    @location(3) halos: vec4<u32>,
    // When the pulse began, on the frame's clock.
    @location(4) pulse_ms: u32,
};

struct Corner {
    @builtin(position) position: vec4<f32>,
    // CSS pixels from the centre.
    @location(0) px: vec2<f32>,
    // Shape, radius, opacity, how far the picture shows.
    @location(1) form: vec4<f32>,
    // The picture's column and row, form of the lamp, how far the pulse is (negative: none).
    @location(2) sign: vec4<f32>,
    @location(3) ring: vec4<f32>,
    @location(4) lamp: vec4<f32>,
    @location(5) inner_halo: vec4<f32>,
    @location(6) outer_halo: vec4<f32>,
    // Whether the inner and the outer halo are dashed.
    @location(7) dashed: vec2<f32>,
};

// Slots of the palette that the shader itself needs, see palette.rs.
let GROUND = 52u;
let PICTURE = 69u;

// A wave leaves the pin every so many milliseconds, this often, and goes this many pixels far.
let PULSE_PERIOD_MS = 1500u;
let PULSE_COUNT = 8u;
let PULSE_REACH = 16.0;

@vertex
fn vertex(pin: Pin) -> Corner {
    let offset = vec2<i32>(pin.at - plane.origin);
    var radius = f32(pin.measure.x) * 0.25 * plane.measure.x;
    var shown = 0.0;
    if (pin.look.z > 0u) {
        shown = plane.measure.z;
        radius = radius + plane.measure.w;
    }
    var pulse = -1.0;
    let age = frame.clock.x - pin.pulse_ms;
    if (pin.measure.w > 0u && age < PULSE_PERIOD_MS * PULSE_COUNT) {
        pulse = f32(age % PULSE_PERIOD_MS) / f32(PULSE_PERIOD_MS);
    }
    var reach = radius * 1.4 + 9.0;
    if (pulse >= 0.0) {
        reach = reach + PULSE_REACH;
    }
    let unit = vec2<f32>(f32(pin.corner & 1u), f32(pin.corner >> 1u)) * 2.0 - vec2<f32>(1.0, 1.0);
    var out: Corner;
    out.px = unit * reach;
    out.position = moved_px(clip_at(vec2<f32>(offset)), out.px);
    out.form = vec4<f32>(
        f32(pin.look.x),
        radius,
        f32(pin.measure.y) / 255.0 * plane.measure.y,
        shown,
    );
    out.sign = vec4<f32>(f32(pin.look.z % 8u), f32(pin.look.z / 8u), f32(pin.measure.z), pulse);
    out.ring = slot(pin.look.y);
    out.lamp = slot(pin.look.w);
    out.inner_halo = slot(pin.halos.x);
    out.outer_halo = slot(pin.halos.y);
    out.dashed = vec2<f32>(is_dashed(pin.halos.x), is_dashed(pin.halos.y));
    return out;
}

// A disc, a half disc with its rim, a square, two bars.
fn lamp_distance(form: f32, p: vec2<f32>, r: f32) -> f32 {
    if (form < 1.5) {
        return length(p) - r;
    }
    if (form < 2.5) {
        let rim = abs(length(p) - r * 0.82) - r * 0.18;
        return min(rim, max(length(p) - r, -p.x));
    }
    if (form < 3.5) {
        return box_distance(p, vec2<f32>(r * 0.9, r * 0.9), 0.5);
    }
    return box_distance(vec2<f32>(abs(p.x) - r * 0.52, p.y), vec2<f32>(r * 0.32, r * 0.92), 0.3);
}

// The distance to the picture's edge in CSS pixels; 0.5 and 1.25 as in pictograms.rs.
fn picture_distance(cell: vec2<f32>, p: vec2<f32>, half_px: f32) -> f32 {
    let spot = clamp(p / (half_px * 1.25) * 0.5 + vec2<f32>(0.5, 0.5), vec2<f32>(0.02, 0.02), vec2<f32>(0.98, 0.98));
    let sheet = vec2<f32>(textureDimensions(pictures));
    let uv = (cell + spot) * 48.0 / sheet;
    let value = textureSampleLevel(pictures, pictures_sampler, uv, 0.0).r;
    return (0.5 - value) * half_px;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let r = in.form.y;
    let d = shape_distance(in.form.x, in.px, r);
    let shown = in.form.w;
    let edge = 1.25;
    let ground = frame.colours[GROUND];

    // A soft shadow lifts the pin from the map.
    let depth = clamp(1.0 - (d - edge) / 3.5, 0.0, 1.0);
    var colour = vec4<f32>(0.0, 0.0, 0.0, 0.42 * depth * depth);
    if (in.sign.w >= 0.0) {
        let wave = abs(d - 2.0 - in.sign.w * 16.0) - 1.2;
        colour = over(frame.colours[NEW] * cover(wave) * (1.0 - in.sign.w), colour);
    }
    colour = over(in.outer_halo * ring_cover(in.px, d - 6.6, 0.9, r + 6.6, in.dashed.y), colour);
    colour = over(in.inner_halo * ring_cover(in.px, d - 3.4, 1.0, r + 3.4, in.dashed.x), colour);
    colour = over(ground * cover(d - edge), colour);
    colour = over(in.ring * cover(d), colour);
    if (shown > 0.0) {
        colour = over(ground * cover(d + max(r * 0.18, 1.5)) * shown, colour);
        var middle = vec2<f32>(0.0, 0.0);
        var half_px = r * 0.6;
        if (in.form.x > 1.5 && in.form.x < 2.5) {
            // A triangle has its room below the middle.
            middle = vec2<f32>(0.0, r * 0.16);
            half_px = r * 0.44;
        }
        let picture = picture_distance(in.sign.xy, in.px - middle, half_px);
        colour = over(frame.colours[PICTURE] * cover(picture) * shown, colour);
        let lamp_px = clamp(r * 0.32, 3.0, 5.0);
        let at_lamp = in.px - vec2<f32>(r * 0.78, -r * 0.78);
        colour = over(ground * cover(length(at_lamp) - lamp_px - 1.4) * in.lamp.a * shown, colour);
        colour = over(in.lamp * cover(lamp_distance(in.sign.z, at_lamp, lamp_px)) * shown, colour);
    }
    return colour * in.form.z;
}
