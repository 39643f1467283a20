// The held picture of what lies below the marks, pixel by pixel.

@group(2) @binding(0) var picture: texture_2d<f32>;

@vertex
fn vertex(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4<f32> {
    // One triangle over the whole screen.
    let x = f32(corner & 1u) * 4.0 - 1.0;
    let y = f32(corner >> 1u) * 4.0 - 1.0;
    return vec4<f32>(x, y, 0.0, 1.0);
}

@fragment
fn fragment(@builtin(position) place: vec4<f32>) -> @location(0) vec4<f32> {
    let pixel = vec2<i32>(i32(place.x), i32(place.y));
    return vec4<f32>(textureLoad(picture, pixel, 0).xyz, 1.0);
}
