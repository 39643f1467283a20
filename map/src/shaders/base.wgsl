// The paints of the base map's style layers.

struct Paint {
    colour: vec4<f32>,
    // A fill's outline or a circle's stroke; of a line the gap, the offset and the base of its widths' growth.
    second: vec4<f32>,
    // Width or radius (negative: the layer is hidden), blur or stroke width, translation.
    measure: vec4<f32>,
    dashes: vec4<f32>,
};

struct Paints {
    layers: array<Paint, 128>,
};

@group(2) @binding(0) var<uniform> paints: Paints;

fn tile_point(at: vec2<i32>) -> vec4<f32> {
    return clip_at(vec2<f32>(at));
}

fn nowhere() -> vec4<f32> {
    return vec4<f32>(2.0, 2.0, 0.0, 1.0);
}

// What lies between the values of two whole zooms, growing by a factor per zoom; 1 is even growth.
fn between(values: vec2<f32>, base: f32, fraction: f32) -> f32 {
    let even = abs(base - 1.0) < 0.001;
    let way = select((pow(max(base, 0.01), fraction) - 1.0) / select(base - 1.0, 1.0, even), fraction, even);
    return mix(values.x, values.y, way);
}
