// Stripes over those live polygons whose texel asks for them. They have a draw of their own, since
// what is worked out for them would be for every pixel that a fill covers.

// The slot of the stripes' colour, see palette.rs.
let HATCH = 64u;
// The texel's bit that says that there are stripes.
let HATCHED = 128u;
// From one stripe to the next at a whole zoom, and half the width of a stripe, in CSS pixels.
let PERIOD_PX = 9.0;
let HALF_STRIPE_PX = 1.1;

struct Corner {
    @builtin(position) position: vec4<f32>,
    // Periods along the diagonal from the layer's origin.
    @location(0) stripe: f32,
};

@vertex
fn vertex(@location(0) at: vec2<f32>, @location(1) feature: u32) -> Corner {
    var out: Corner;
    out.position = clip_at(at);
    if ((texel_of(feature) & HATCHED) == 0u) {
        out.position = vec4<f32>(2.0, 2.0, 0.0, 1.0);
    }
    // The stripes stand still on the ground: the period grows with the zoom up to the next whole
    // one, where every stripe has got a new one beside it.
    let period = PERIOD_PX * exp2(plane.zoom_fraction);
    out.stripe = (at.x + at.y) * 0.70710678 * plane.px_per_unit / period;
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let period = PERIOD_PX * exp2(plane.zoom_fraction);
    let share = in.stripe - floor(in.stripe);
    let first = cover(min(share, 1.0 - share) * period - HALF_STRIPE_PX);
    let second = cover(abs(share - 0.5) * period - HALF_STRIPE_PX);
    let shown = max(first, second * smoothstep(0.35, 1.0, plane.zoom_fraction));
    return frame.colours[HATCH] * shown * plane.measure.y;
}
