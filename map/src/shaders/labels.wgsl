// Labels: glyphs from distance fields with a halo, icons, and the plates behind some texts.

@group(2) @binding(0) var atlas: texture_2d<f32>;
@group(2) @binding(1) var atlas_sampler: sampler;
@group(2) @binding(2) var sprites: texture_2d<f32>;

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
    @location(7) halo_blur: f32,
};

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) texel: vec2<f32>,
    @location(1) @interpolate(flat) colour: vec4<f32>,
    @location(2) @interpolate(flat) halo: vec4<f32>,
    @location(3) @interpolate(flat) form: vec4<f32>,
    // Place on a plate and half its size, in CSS pixels.
    @location(4) plate: vec4<f32>,
    @location(5) halo_blur: f32,
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
    out.halo_blur = glyph.halo_blur;
    return out;
}

// A shape from its distance field, with its halo.
fn shape(in: Corner, value: f32) -> vec4<f32> {
    let d = (0.75 - value) * 8.0 * in.form.y;
    let inner = in.colour * cover(d);
    if (in.form.x <= 0.0) {
        return inner;
    }
    // A blur reaches 1.19 times as far to both sides of the halo's edge, as the style specification's renderer has it.
    let reach = in.halo_blur * 1.19 + 0.5 / frame.viewport.z;
    let fade = clamp(0.5 - (d - in.form.x) / (2.0 * reach), 0.0, 1.0);
    return over(inner, in.halo * fade);
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    let kind = in.form.w;
    if (kind > 1.5) {
        let size = vec2<f32>(textureDimensions(sprites));
        let icon = textureSampleLevel(sprites, atlas_sampler, in.texel / size, 0.0);
        if (kind > 2.5) {
            return shape(in, icon.a);
        }
        return icon * in.colour;
    }
    if (kind > 0.5) {
        let q = abs(in.plate.xy) - in.plate.zw + vec2<f32>(3.0, 3.0);
        let d = length(max(q, vec2<f32>(0.0, 0.0))) + min(max(q.x, q.y), 0.0) - 3.0;
        return over(in.colour * cover(d + 1.0), in.halo * cover(d));
    }
    let size = vec2<f32>(textureDimensions(atlas));
    return shape(in, textureSampleLevel(atlas, atlas_sampler, in.texel / size, 0.0).x);
}
