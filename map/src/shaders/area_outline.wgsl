// Outlines of live polygons: a ribbon of constant width on the screen.

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) edge_px: vec2<f32>,
};

@vertex
fn vertex(
    @location(0) at: vec2<f32>,
    @location(1) extrude: vec2<f32>,
    @location(2) edge: vec2<f32>,
) -> Corner {
    // Half a device pixel more for the soft edge.
    let half_px = plane.measure.x * 0.5 + 0.5 / frame.viewport.z;
    var out: Corner;
    out.position = moved_px(clip_at(at), extrude * 4.0 * half_px);
    out.edge_px = edge * half_px;
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    return plane.tint * cover(length(in.edge_px) - plane.measure.x * 0.5);
}
