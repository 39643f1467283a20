// What the fills and the stripes of live polygons have in common.

@group(2) @binding(0) var classes: texture_2d<u32>;

// The slot of a feature's colour, and whether there are stripes.
fn texel_of(feature: u32) -> u32 {
    return textureLoad(classes, vec2<i32>(i32(feature % 256u), i32(feature / 256u)), 0).x;
}
