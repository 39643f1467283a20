// Labels: glyphs from distance fields with a halo, and the plates behind some of them.

@group(2) @binding(0) var atlas: texture_2d<f32>;
@group(2) @binding(1) var atlas_sampler: sampler;

struct Glyph {
    @builtin(vertex_index) corner: u32,
    @location(0) centre: vec2<f32>,
    @location(1) half_size: vec2<f32>,
    @location(2) rotation: vec2<f32>,
    @location(3) place: vec4<u32>,
    @location(4) colour: vec4<f32>,
    @location(5) halo: vec4<f32>,
    // Halo width, CSS pixels per raster pixel, opacity, kind.
    @location(6) form: vec4<f32>,
};

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) texel: vec2<f32>,
    @location(1) colour: vec4<f32>,
    @location(2) halo: vec4<f32>,
    @location(3) form: vec4<f32>,
    // Place on a plate and half its size, in CSS pixels.
    @location(4) plate: vec4<f32>,
};

@vertex
fn vertex(glyph: Glyph) -> Corner {
    let unit = vec2<f32>(f32(glyph.corner & 1u), f32(glyph.corner >> 1u));
    let local = (unit * 2.0 - vec2<f32>(1.0, 1.0)) * glyph.half_size;
    let turned = vec2<f32>(
        local.x * glyph.rotation.x - local.y * glyph.rotation.y,
        local.x * glyph.rotation.y + local.y * glyph.rotation.x,
    );
    // The plane's tint holds where the frame's origin stands on the screen.
    let px = plane.tint.xy + glyph.centre + turned;
    let clip = px / frame.viewport.xy * vec2<f32>(2.0, -2.0) + vec2<f32>(-1.0, 1.0);
    let place = vec4<f32>(glyph.place);
    var out: Corner;
    out.position = vec4<f32>(clip, 0.0, 1.0);
    out.texel = mix(place.xy, place.zw, unit);
    out.colour = glyph.colour * glyph.form.z;
    out.halo = glyph.halo * glyph.form.z;
    out.form = glyph.form;
    out.plate = vec4<f32>(local, glyph.half_size);
    return out;
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let size = vec2<f32>(textureDimensions(atlas));
    let value = textureSample(atlas, atlas_sampler, in.texel / size).x;
    if (in.form.w > 0.5) {
        let q = abs(in.plate.xy) - in.plate.zw + vec2<f32>(3.0, 3.0);
        let d = length(max(q, vec2<f32>(0.0, 0.0))) + min(max(q.x, q.y), 0.0) - 3.0;
        return over(in.colour * cover(d + 1.0), in.halo * cover(d));
    }
    let d = (0.75 - value) * 8.0 * in.form.y;
    let glyph = in.colour * cover(d);
    if (in.form.x <= 0.0) {
        return glyph;
    }
    // The halo fades over its outer half, so that it darkens without drawing an edge.
    let fade = clamp(1.0 - (d - in.form.x * 0.5) / max(in.form.x, 0.001), 0.0, 1.0);
    return over(glyph, in.halo * fade);
}
