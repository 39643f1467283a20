// The outlines of people, devices, incidents and clusters, and the colours of their parts.

// A colour of the palette, or nothing.
fn slot(index: u32) -> vec4<f32> {
    if (index >= 96u) {
        return vec4<f32>(0.0, 0.0, 0.0, 0.0);
    }
    return frame.colours[index];
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
