// Fills of live polygons. Colour and stripes come from the feature's texel, so that a new class
// needs no new geometry.

@group(2) @binding(0) var classes: texture_2d<u32>;

// The slot of the stripes' colour, see palette.rs.
let HATCH = 64u;
// The texel's bit that says that there are stripes.
let HATCHED = 128u;
// From one stripe to the next at a whole zoom, and half the width of a stripe, in CSS pixels.
let PERIOD_PX = 9.0;
let HALF_STRIPE_PX = 1.1;

struct Corner {
    @builtin(position) position: vec4<f32>,
    // The same over the whole feature.
    @location(0) @interpolate(flat) colour: vec4<f32>,
    // Periods along the diagonal from the layer's origin, and the opacity of the stripes.
    @location(1) stripe: vec2<f32>,
};

@vertex
fn vertex(@location(0) at: vec2<f32>, @location(1) feature: u32) -> Corner {
    let texel = vec2<i32>(i32(feature % 256u), i32(feature / 256u));
    let value = textureLoad(classes, texel, 0).x;
    var out: Corner;
    out.position = clip_at(at);
    out.colour = frame.colours[min(value & 127u, 95u)] * plane.measure.y;
    var hatched = 0.0;
    if ((value & HATCHED) != 0u) {
        hatched = plane.measure.y;
    }
    // The stripes stand still on the ground: the period grows with the zoom up to the next whole
    // one, where every stripe has got a new one beside it.
    let period = PERIOD_PX * exp2(plane.zoom_fraction);
    out.stripe = vec2<f32>((at.x + at.y) * 0.70710678 * plane.px_per_unit / period, hatched);
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let period = PERIOD_PX * exp2(plane.zoom_fraction);
    let share = in.stripe.x - floor(in.stripe.x);
    let first = cover(min(share, 1.0 - share) * period - HALF_STRIPE_PX);
    let second = cover(abs(share - 0.5) * period - HALF_STRIPE_PX);
    let shown = max(first, second * smoothstep(0.35, 1.0, plane.zoom_fraction));
    return over(frame.colours[HATCH] * shown * in.stripe.y, in.colour);
}
