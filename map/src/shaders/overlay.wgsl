// Rectangles on the screen, filled and edged.

// Width of the edge in the map's own pixels.
let EDGE_PX: f32 = 1.5;

struct Corner {
    @builtin(position) clip: vec4<f32>,
    @location(0) spot: vec2<f32>,
    @location(1) sides: vec4<f32>,
    @location(2) fill: vec4<f32>,
    @location(3) edge: vec4<f32>,
};

@vertex
fn vertex(
    @builtin(vertex_index) corner: u32,
    @location(0) sides: vec4<f32>,
    @location(1) fill: vec4<f32>,
    @location(2) edge: vec4<f32>,
) -> Corner {
    let right = f32(corner & 1u);
    let below = f32(corner >> 1u);
    // One pixel more on every side, so that the outermost ones can be half covered.
    let spot = vec2<f32>(
        mix(sides.x - 1.0, sides.z + 1.0, right),
        mix(sides.y - 1.0, sides.w + 1.0, below),
    );
    let clip = spot / frame.viewport.xy * vec2<f32>(2.0, -2.0) + vec2<f32>(-1.0, 1.0);
    return Corner(vec4<f32>(clip, 0.0, 1.0), spot, sides, fill, edge);
}

@fragment
fn fragment(at: Corner) -> @location(0) vec4<f32> {
    let outside = max(at.sides.xy - at.spot, at.spot - at.sides.zw);
    let distance = max(outside.x, outside.y);
    let inner = cover(distance + EDGE_PX);
    return mix(at.edge * cover(distance), at.fill, inner);
}
