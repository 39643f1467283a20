// The outlines of people, devices, incidents and clusters, and the colours of their parts.

// The slot of what is new and of the ring around what nobody has acknowledged, see palette.rs.
let NEW = 54u;

// A colour of the palette, or nothing.
fn slot(index: u32) -> vec4<f32> {
    if (index >= 96u) {
        return vec4<f32>(0.0, 0.0, 0.0, 0.0);
    }
    return frame.colours[index];
}

// How much of a ring is seen where it is dashed, which tells it from the others without its colour:
// dashes of about 4 pixels with gaps of 3, as many as fit around the radius.
fn dashes(p: vec2<f32>, radius: f32) -> f32 {
    let count = floor(radius * 6.2831853 / 7.0 + 0.5);
    let phase = fract(atan2(p.y, p.x) / 6.2831853 * count);
    return cover((abs(phase - 0.5) - 0.29) * 6.2831853 * length(p) / count);
}

// A ring with its middle so far from an outline, of that half width; `away` is its radius where it is dashed.
fn ring_cover(p: vec2<f32>, d: f32, half_width: f32, away: f32, dashed: f32) -> f32 {
    let ring = cover(abs(d) - half_width);
    if (dashed > 0.5 && ring > 0.0) {
        return ring * dashes(p, away);
    }
    return ring;
}

// Whether a ring of that colour is dashed.
fn is_dashed(index: u32) -> f32 {
    return select(0.0, 1.0, index == NEW);
}

fn box_distance(p: vec2<f32>, half_size: vec2<f32>, round: f32) -> f32 {
    let q = abs(p) - half_size + vec2<f32>(round, round);
    return length(max(q, vec2<f32>(0.0, 0.0))) + min(max(q.x, q.y), 0.0) - round;
}

// An equilateral triangle, point up, with rounded corners.
fn triangle_distance(p: vec2<f32>, size: f32, round: f32) -> f32 {
    let k = 1.7320508;
    let half_side = size - round * k;
    var q = vec2<f32>(abs(p.x) - half_side, half_side / k - p.y);
    if (q.x + k * q.y > 0.0) {
        q = vec2<f32>(q.x - k * q.y, -k * q.x - q.y) * 0.5;
    }
    q.x = q.x - clamp(q.x, -2.0 * half_side, 0.0);
    var inside = 1.0;
    if (q.y < 0.0) {
        inside = -1.0;
    }
    return -length(q) * inside - round;
}

fn hexagon_distance(p: vec2<f32>, radius: f32, round: f32) -> f32 {
    let k = vec2<f32>(-0.8660254, 0.5);
    let r = radius - round;
    var q = abs(p.yx);
    q = q - 2.0 * min(dot(k, q), 0.0) * k;
    q = q - vec2<f32>(clamp(q.x, -0.57735027 * r, 0.57735027 * r), r);
    return length(q) * sign(q.y) - round;
}

fn shape_distance(shape: f32, p: vec2<f32>, r: f32) -> f32 {
    if (shape < 0.5) {
        return length(p) - r;
    }
    if (shape < 1.5) {
        let turned = vec2<f32>(p.x + p.y, p.y - p.x) * 0.70710678;
        return box_distance(turned, vec2<f32>(r * 0.94, r * 0.94), r * 0.22);
    }
    if (shape < 2.5) {
        return triangle_distance(p - vec2<f32>(0.0, r * 0.14), r * 1.16, r * 0.2);
    }
    if (shape < 3.5) {
        return hexagon_distance(p, r, r * 0.16);
    }
    return box_distance(p, vec2<f32>(r * 0.9, r * 0.9), r * 0.3);
}
