// Fills of live polygons. The colour comes from the feature's texel, so that a new class needs no
// new geometry.

struct Corner {
    @builtin(position) position: vec4<f32>,
    // The same over the whole feature.
    @location(0) @interpolate(flat) colour: vec4<f32>,
};

@vertex
fn vertex(@location(0) at: vec2<f32>, @location(1) feature: u32) -> Corner {
    var out: Corner;
    out.position = clip_at(at);
    out.colour = frame.colours[min(texel_of(feature) & 127u, 95u)] * plane.measure.y;
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    return in.colour;
}
