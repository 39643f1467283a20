// Circles of the base map.

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) px: vec2<f32>,
    // Radius, stroke width, softness; CSS pixels.
    @location(1) form: vec3<f32>,
    @location(2) colour: vec4<f32>,
    @location(3) stroke: vec4<f32>,
};

@vertex
fn vertex(
    @builtin(vertex_index) corner: u32,
    @location(0) at: vec2<i32>,
    @location(1) radii: vec2<u32>,
    @location(2) colour: vec4<f32>,
    @location(3) layer: u32,
) -> Corner {
    let paint = paints.layers[layer & 127u];
    let baked = between(vec2<f32>(radii), paint.measure.w, plane.zoom_fraction) / 256.0;
    let radius = max(paint.measure.x, 0.0) * baked;
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - vec2<f32>(1.0, 1.0);
    let reach = radius + paint.measure.y + 1.0;
    var out: Corner;
    out.px = unit * reach;
    out.position = moved_px(tile_point(at), out.px);
    if (paint.measure.x < 0.0) {
        out.position = nowhere();
    }
    out.form = vec3<f32>(radius, paint.measure.y, max(paint.measure.z * radius, 1.0 / frame.viewport.z));
    out.colour = colour * paint.colour;
    out.stroke = paint.second;
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let d = length(in.px);
    let within = clamp(0.5 - (d - in.form.x) / in.form.z, 0.0, 1.0);
    let around = clamp(0.5 - (d - in.form.x - in.form.y) / in.form.z, 0.0, 1.0);
    return over(in.colour * within, in.stroke * around * (1.0 - within));
}
