// What all shaders share. Colours are linear and premultiplied everywhere.

struct Frame {
    // Width and height in CSS pixels, device pixels per CSS pixel.
    viewport: vec4<f32>,
    // The clock in milliseconds, wrapping.
    clock: vec4<u32>,
    colours: array<vec4<f32>, 96>,
};

struct Plane {
    clip: mat4x4<f32>,
    origin: vec2<u32>,
    px_per_unit: f32,
    zoom_fraction: f32,
    tint: vec4<f32>,
    // Line width in CSS pixels, opacity; of marks their growth, opacity, opacity of headings and of shadows.
    measure: vec4<f32>,
};

@group(0) @binding(0) var<uniform> frame: Frame;
@group(1) @binding(0) var<uniform> plane: Plane;

// Clip space from a point of the plane; the map is flat, so the depth plays no part.
fn clip_at(spot: vec2<f32>) -> vec4<f32> {
    let clip = plane.clip * vec4<f32>(spot, 0.0, 1.0);
    return vec4<f32>(clip.xy, 0.0, clip.w);
}

// The point moved by CSS pixels, to the right and down.
fn moved_px(clip: vec4<f32>, offset_px: vec2<f32>) -> vec4<f32> {
    let shift = offset_px * vec2<f32>(2.0, -2.0) / frame.viewport.xy * clip.w;
    return vec4<f32>(clip.xy + shift, clip.z, clip.w);
}

// How much of a pixel lies inside, given the distance to the edge in CSS pixels, negative inside.
fn cover(distance_px: f32) -> f32 {
    return clamp(0.5 - distance_px * frame.viewport.z, 0.0, 1.0);
}

// One colour over another.
fn over(top: vec4<f32>, below: vec4<f32>) -> vec4<f32> {
    return top + below * (1.0 - top.a);
}
