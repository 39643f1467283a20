// Fills of live polygons. The colour comes from the feature's class, so that a new class needs no
// new geometry.

@group(2) @binding(0) var classes: texture_2d<u32>;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) colour: vec4<f32>,
};

@vertex
fn vertex(@location(0) at: vec2<f32>, @location(1) feature: u32) -> Corner {
    let texel = vec2<i32>(i32(feature % 256u), i32(feature / 256u));
    let slot = textureLoad(classes, texel, 0).x;
    var out: Corner;
    out.position = clip_at(at);
    out.colour = frame.colours[min(slot, 63u)] * plane.measure.y;
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    return in.colour;
}
