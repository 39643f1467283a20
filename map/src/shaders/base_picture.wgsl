// Picture tiles of the base map, with the colours that a raster layer gives them.

@group(2) @binding(1) var picture: texture_2d<f32>;
@group(2) @binding(2) var picture_sampler: sampler;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) at: vec2<f32>,
    // Weights of the hue's turn, opacity.
    @location(1) turn: vec4<f32>,
    // What black and white become, the factors of contrast and of saturation.
    @location(2) tone: vec4<f32>,
};

@vertex
fn vertex(@builtin(vertex_index) corner: u32, @location(0) layer: u32) -> Corner {
    let paint = paints.layers[layer & 127u];
    let at = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    var out: Corner;
    out.position = clip_at(at * 8192.0);
    if (paint.measure.x < 0.0) {
        out.position = nowhere();
    }
    out.at = at;
    out.turn = paint.colour;
    out.tone = paint.second;
    return out;
}

fn linear_of(colour: vec3<f32>) -> vec3<f32> {
    let high = pow((colour + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, colour / 12.92, colour <= vec3<f32>(0.04045));
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let found = textureSample(picture, picture_sampler, in.at);
    var colour = found.rgb / max(found.a, 0.001);
    let turn = in.turn.xyz;
    colour = vec3<f32>(dot(colour, turn.xyz), dot(colour, turn.zxy), dot(colour, turn.yzx));
    let grey = (colour.r + colour.g + colour.b) / 3.0;
    colour = colour + (vec3<f32>(grey) - colour) * in.tone.w;
    colour = (colour - 0.5) * in.tone.z + 0.5;
    colour = mix(vec3<f32>(in.tone.x), vec3<f32>(in.tone.y), colour);
    let alpha = found.a * in.turn.w;
    return vec4<f32>(linear_of(clamp(colour, vec3<f32>(0.0), vec3<f32>(1.0))) * alpha, alpha);
}
