// Trails: every step between two positions a thin line with a dot at its older end. The newest step
// ends at the mark, also while the mark glides.

struct Step {
    @builtin(vertex_index) corner: u32,
    @location(0) start: vec2<u32>,
    // Where the end glides from, and where it stands.
    @location(1) before: vec2<u32>,
    @location(2) end: vec2<u32>,
    // Start and duration of the glide in milliseconds.
    @location(3) glide: vec2<u32>,
    // Slot of the colour, opacity at the older and at the newer end of 255.
    @location(4) look: vec4<u32>,
};

struct Corner {
    @builtin(position) position: vec4<f32>,
    // CSS pixels along the step from its start, and across.
    @location(0) px: vec2<f32>,
    // Length of the step in CSS pixels, opacity at both ends.
    @location(1) way: vec3<f32>,
    @location(2) colour: vec4<f32>,
};

fn from_origin(at: vec2<u32>) -> vec2<f32> {
    return vec2<f32>(vec2<i32>(at - plane.origin));
}

@vertex
fn vertex(leg: Step) -> Corner {
    var share = 1.0;
    if (leg.glide.y > 0u) {
        share = clamp(f32(frame.clock.x - leg.glide.x) / f32(leg.glide.y), 0.0, 1.0);
    }
    let start = from_origin(leg.start);
    // From the goal back, in exact steps, as the marks are.
    let back = vec2<f32>(vec2<i32>(leg.before - leg.end)) * (1.0 - share);
    let end = from_origin(leg.end) + back;
    let along = (end - start) * plane.px_per_unit;
    let len = length(along);
    let forward = along / max(len, 0.001);
    let across = vec2<f32>(-forward.y, forward.x);
    // Room for the dot around the start.
    let half_px = plane.measure.x * 1.5 + 1.0;
    let far = f32(leg.corner & 1u);
    let side = f32(leg.corner >> 1u) * 2.0 - 1.0;
    let at_px = (far * 2.0 - 1.0) * half_px;
    var out: Corner;
    out.position = moved_px(
        clip_at(mix(start, end, vec2<f32>(far, far))),
        forward * at_px + across * side * half_px,
    );
    out.px = vec2<f32>(far * len + at_px, side * half_px);
    out.way = vec3<f32>(len, f32(leg.look.y) / 255.0, f32(leg.look.z) / 255.0);
    out.colour = frame.colours[min(leg.look.x, 63u)];
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let width = plane.measure.x;
    // The ends are cut straight, so that two steps of a trail do not shine through each other.
    let outside = max(-in.px.x, in.px.x - in.way.x);
    let ribbon = max(abs(in.px.y) - width * 0.5, outside);
    let dot_distance = length(in.px) - width * 1.2;
    let share = clamp(in.px.x / max(in.way.x, 0.001), 0.0, 1.0);
    let opacity = mix(in.way.y, in.way.z, share);
    return in.colour * max(cover(ribbon), cover(dot_distance)) * opacity;
}
