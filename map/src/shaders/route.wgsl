// Routes: every segment a capsule. Casing and core are opaque, so that overlapping ends do not show.

struct Segment {
    @builtin(vertex_index) corner: u32,
    @location(0) start: vec2<u32>,
    @location(1) end: vec2<u32>,
    @location(2) distance: f32,
    @location(3) dashed: u32,
};

struct Corner {
    @builtin(position) position: vec4<f32>,
    // CSS pixels along the segment from its start, and across.
    @location(0) px: vec2<f32>,
    // Length of the segment, way before it, both in CSS pixels; dashed.
    @location(1) way: vec3<f32>,
};

@vertex
fn vertex(segment: Segment) -> Corner {
    let start = vec2<f32>(vec2<i32>(segment.start - plane.origin));
    let end = vec2<f32>(vec2<i32>(segment.end - plane.origin));
    let unit = plane.px_per_unit;
    let along = (end - start) * unit;
    let len = max(length(along), 0.001);
    let forward = along / len;
    let across = vec2<f32>(-forward.y, forward.x);
    let half_px = plane.measure.x * 0.5 + 1.0;
    let far = f32(segment.corner & 1u);
    let side = f32(segment.corner >> 1u) * 2.0 - 1.0;
    let at_px = (far * 2.0 - 1.0) * half_px;
    var out: Corner;
    let base = mix(start, end, vec2<f32>(far, far));
    out.position = moved_px(clip_at(base), forward * at_px + across * side * half_px);
    out.px = vec2<f32>(far * len + at_px, side * half_px);
    out.way = vec3<f32>(len, segment.distance * unit, f32(segment.dashed));
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let nearest = clamp(in.px.x, 0.0, in.way.x);
    let d = length(vec2<f32>(in.px.x - nearest, in.px.y)) - plane.measure.x * 0.5;
    var alpha = cover(d);
    if (in.way.z > 0.5) {
        // Ten pixels of line, seven of gap, with soft ends.
        let period = 17.0;
        let at = (in.way.y + nearest) - floor((in.way.y + nearest) / period) * period;
        alpha = alpha * clamp(5.5 + plane.measure.z - abs(at - 5.5), 0.0, 1.0);
    }
    return plane.tint * alpha;
}
