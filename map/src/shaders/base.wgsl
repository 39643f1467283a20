// The paints of the base map's style layers.

struct Paint {
    colour: vec4<f32>,
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
