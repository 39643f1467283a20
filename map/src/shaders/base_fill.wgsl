// Filled areas of the base map.

struct Corner {
    @builtin(position) position: vec4<f32>,
    // The same over the whole feature.
    @location(0) @interpolate(flat) colour: vec4<f32>,
};

@vertex
fn vertex(
    @location(0) at: vec2<i32>,
    @location(1) colour: vec4<f32>,
    @location(2) layer: u32,
) -> Corner {
    let paint = paints.layers[layer & 127u];
    var out: Corner;
    out.position = moved_px(tile_point(at), paint.measure.zw);
    if (paint.measure.x < 0.0) {
        out.position = nowhere();
    }
    out.colour = colour * paint.colour;
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    return in.colour;
}
