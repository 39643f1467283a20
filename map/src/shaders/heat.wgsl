// The heat map: densities in shares of the peak, one texel per cell, coloured by a ramp.

@group(2) @binding(0) var field: texture_2d<f32>;
@group(2) @binding(1) var ramp: texture_2d<f32>;
@group(2) @binding(2) var smooth_sampler: sampler;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) share: vec2<f32>,
};

@vertex
fn vertex(
    @builtin(vertex_index) corner: u32,
    @location(0) north_west: vec2<u32>,
    @location(1) south_east: vec2<u32>,
) -> Corner {
    let share = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    let start = vec2<f32>(vec2<i32>(north_west - plane.origin));
    let end = vec2<f32>(vec2<i32>(south_east - plane.origin));
    var out: Corner;
    out.position = clip_at(mix(start, end, share));
    out.share = share;
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let density = textureSample(field, smooth_sampler, in.share).x;
    let colour = textureSample(ramp, smooth_sampler, vec2<f32>(density * 0.99609375 + 0.001953125, 0.5));
    return vec4<f32>(colour.xyz * colour.w, colour.w);
}
