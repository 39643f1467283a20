// Lines of the base map, and the outlines of its fills.

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) colour: vec4<f32>,
    @location(1) edge_px: vec2<f32>,
    // Half the width, blur, way along the line, half the gap; CSS pixels.
    @location(2) form: vec4<f32>,
    @location(3) @interpolate(flat) dashes: vec4<f32>,
};

@vertex
fn vertex(
    @location(0) at: vec2<i32>,
    @location(1) extrude: vec2<f32>,
    @location(2) edge: vec2<f32>,
    @location(3) widths: vec2<u32>,
    @location(4) colour: vec4<f32>,
    @location(5) distance: f32,
    @location(6) layer: u32,
) -> Corner {
    let paint = paints.layers[layer & 127u];
    let outline = (layer & 65536u) != 0u;
    // A fill's second colour stands where a line has its gap, its offset and its growth.
    let strip = select(paint.second.xyz, vec3<f32>(0.0, 0.0, 1.0), outline);
    let baked = between(vec2<f32>(widths), strip.z, plane.zoom_fraction) / 256.0;
    let width = max(paint.measure.x, 0.0) * baked;
    // Hairlines keep a device pixel and get fainter instead of breaking up.
    let drawn = max(width, 1.0 / frame.viewport.z);
    let blur = select(paint.measure.y, 0.0, outline);
    // With a gap the line is drawn as two strips of its width, one on either side.
    let inner = strip.x * 0.5;
    let outer = select(drawn * 0.5, inner + drawn, inner > 0.0);
    let half_px = outer + 0.5 / frame.viewport.z + blur;
    let aside = extrude * 4.0 * edge.x * strip.y;
    var out: Corner;
    out.position = moved_px(tile_point(at), paint.measure.zw + aside + extrude * 4.0 * half_px);
    if (paint.measure.x <= 0.0) {
        out.position = nowhere();
    }
    out.edge_px = edge * half_px;
    out.form = vec4<f32>(outer, blur, distance * plane.px_per_unit, inner);
    out.colour = colour * select(paint.colour, paint.second, outline) * min(width / drawn, 1.0);
    out.dashes = paint.dashes * baked;
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let softness = max(1.0 / frame.viewport.z, in.form.y * 2.0);
    let from_middle = length(in.edge_px);
    var alpha = clamp(0.5 - (from_middle - in.form.x) / softness, 0.0, 1.0);
    if (in.form.w > 0.0) {
        alpha = min(alpha, clamp(0.5 - (in.form.w - from_middle) / softness, 0.0, 1.0));
    }
    let period = in.dashes.x + in.dashes.y + in.dashes.z + in.dashes.w;
    if (period > 0.0) {
        let at = in.form.z - floor(in.form.z / period) * period;
        let first = max(-at, at - in.dashes.x);
        let start = in.dashes.x + in.dashes.y;
        let second = max(start - at, at - start - in.dashes.z);
        // The next repetition's first dash, for the soft end just before it.
        let next = period - at;
        alpha = alpha * cover(min(min(first, second), next));
    }
    return in.colour * alpha;
}
