//! Shapes by their signed distances: negative inside, in points of an icon's canvas.

/// A place on the canvas: to the right and down.
type Point = [f32; 2];

/// A circle.
pub fn circle(centre: Point, radius: f32, p: Point) -> f32 {
    (p[0] - centre[0]).hypot(p[1] - centre[1]) - radius
}

/// A rectangle with round corners, by its middle and half its size.
pub fn plate(centre: Point, half: Point, round: f32, p: Point) -> f32 {
    let q = [0, 1].map(|axis| (p[axis] - centre[axis]).abs() - half[axis] + round);
    q[0].max(0.0).hypot(q[1].max(0.0)) + q[0].max(q[1]).min(0.0) - round
}

/// A stroke with round ends along a line of points.
pub fn stroke(points: &[Point], width: f32, p: Point) -> f32 {
    let nearest = points
        .windows(2)
        .map(|pair| to_segment(pair[0], pair[1], p))
        .fold(f32::INFINITY, f32::min);
    nearest - width / 2.0
}

/// The area within a ring of points.
pub fn polygon(points: &[Point], p: Point) -> f32 {
    let mut nearest = f32::INFINITY;
    let mut inside = false;
    for (i, a) in points.iter().enumerate() {
        let b = points[(i + 1) % points.len()];
        nearest = nearest.min(to_segment(*a, b, p));
        let crosses = (a[1] > p[1]) != (b[1] > p[1]);
        if crosses && p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0] {
            inside = !inside;
        }
    }
    if inside { -nearest } else { nearest }
}

/// What lies in any of the shapes.
pub fn any(distances: &[f32]) -> f32 {
    distances.iter().copied().fold(f32::INFINITY, f32::min)
}

/// What lies in the first shape and not in the other.
pub fn without(shape: f32, cut: f32) -> f32 {
    shape.max(-cut)
}

fn to_segment(a: Point, b: Point, p: Point) -> f32 {
    let (along, to) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
    let length = along[0] * along[0] + along[1] * along[1];
    let t = if length > 0.0 {
        ((to[0] * along[0] + to[1] * along[1]) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (to[0] - along[0] * t).hypot(to[1] - along[1] * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-4
    }

    #[test]
    fn distances_are_those_of_the_shapes() {
        assert!(close(circle([5.0, 5.0], 2.0, [5.0, 9.0]), 2.0));
        assert!(close(plate([0.0; 2], [4.0, 2.0], 1.0, [0.0, 3.0]), 1.0));
        assert!(close(plate([0.0; 2], [4.0, 2.0], 1.0, [0.0; 2]), -2.0));
        assert!(close(stroke(&[[0.0; 2], [4.0, 0.0]], 2.0, [2.0, 3.0]), 2.0));
        let square = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]];
        assert!(close(polygon(&square, [2.0, 1.0]), -1.0));
        assert!(close(polygon(&square, [2.0, -1.0]), 1.0));
    }

    #[test]
    fn shapes_are_joined_and_cut() {
        assert!(close(any(&[3.0, -1.0, 2.0]), -1.0));
        assert!(close(without(-5.0, -2.0), 2.0));
        assert!(close(without(-5.0, 9.0), -5.0));
    }
}
