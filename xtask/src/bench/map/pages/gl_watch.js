// Looks on at WebGL2: how many bytes go to the device, how many it holds, and what one frame draws.

const prototype = WebGL2RenderingContext.prototype;

function wrap(name, before) {
  const original = prototype[name];
  prototype[name] = function watched(...args) {
    before(this, args);
    return original.apply(this, args);
  };
}

const length = (data) => (typeof data === "number" ? 0 : data?.byteLength ?? 0);

// Counts what is uploaded into buffers and textures from here on.
export function watchUploads() {
  const seen = { bytes: 0, calls: 0 };
  const note = (bytes) => {
    seen.bytes += bytes;
    seen.calls += 1;
  };
  const part = (data, count) => (count ? count * (data.BYTES_PER_ELEMENT ?? 1) : length(data));
  wrap("bufferData", (gl, [, data, , , count]) => length(data) && note(part(data, count)));
  wrap("bufferSubData", (gl, [, , data, , count]) => note(part(data, count)));
  for (const name of ["texImage2D", "texSubImage2D", "texSubImage3D", "texImage3D"]) {
    wrap(name, (gl, args) => {
      const data = args.findLast((arg) => typeof arg === "object");
      const image = data && "width" in data ? data.width * data.height * 4 : length(data);
      if (image) note(image);
    });
  }
  return seen;
}

const ATTRIBUTES = 16;
const UNIFORM_BUFFERS = 8;
const TEXTURE_UNITS = 4;

function attribute(gl, at) {
  const ask = (name) => gl.getVertexAttrib(at, name);
  return ask(gl.VERTEX_ATTRIB_ARRAY_ENABLED) && {
    at,
    buffer: ask(gl.VERTEX_ATTRIB_ARRAY_BUFFER_BINDING),
    size: ask(gl.VERTEX_ATTRIB_ARRAY_SIZE),
    type: ask(gl.VERTEX_ATTRIB_ARRAY_TYPE),
    normalized: ask(gl.VERTEX_ATTRIB_ARRAY_NORMALIZED),
    integer: ask(gl.VERTEX_ATTRIB_ARRAY_INTEGER),
    stride: ask(gl.VERTEX_ATTRIB_ARRAY_STRIDE),
    divisor: ask(gl.VERTEX_ATTRIB_ARRAY_DIVISOR),
    offset: gl.getVertexAttribOffset(at, gl.VERTEX_ATTRIB_ARRAY_POINTER),
  };
}

function numbered(count, read) {
  return Array.from({ length: count }, (_, at) => read(at)).filter(Boolean);
}

function drawState(gl, name, args) {
  const unit = gl.getParameter(gl.ACTIVE_TEXTURE);
  const textures = numbered(TEXTURE_UNITS, (at) => {
    gl.activeTexture(gl.TEXTURE0 + at);
    const texture = gl.getParameter(gl.TEXTURE_BINDING_2D);
    return texture && { at, texture, sampler: gl.getParameter(gl.SAMPLER_BINDING) };
  });
  gl.activeTexture(unit);
  return {
    name,
    args,
    textures,
    program: gl.getParameter(gl.CURRENT_PROGRAM),
    attributes: numbered(ATTRIBUTES, (at) => attribute(gl, at)),
    indices: gl.getParameter(gl.ELEMENT_ARRAY_BUFFER_BINDING),
    uniforms: numbered(UNIFORM_BUFFERS, (at) => {
      const ask = (what) => gl.getIndexedParameter(what, at);
      const buffer = ask(gl.UNIFORM_BUFFER_BINDING);
      return buffer && { at, buffer, start: ask(gl.UNIFORM_BUFFER_START), size: ask(gl.UNIFORM_BUFFER_SIZE) };
    }),
    scissor: gl.isEnabled(gl.SCISSOR_TEST) && gl.getParameter(gl.SCISSOR_BOX),
  };
}

// Keeps every draw call with the state it was made in while `recorded.draws` is a list.
export function recordDraws() {
  const recorded = { draws: null };
  for (const name of ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced"]) {
    wrap(name, (gl, args) => recorded.draws?.push(drawState(gl, name, args)));
  }
  return recorded;
}

// Calls that make a recorded draw again, each a function without arguments.
export function replayer(gl, draw) {
  const vao = gl.createVertexArray();
  gl.bindVertexArray(vao);
  for (const { at, buffer, size, type, normalized, integer, stride, divisor, offset } of draw.attributes) {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(at);
    if (integer) gl.vertexAttribIPointer(at, size, type, stride, offset);
    else gl.vertexAttribPointer(at, size, type, normalized, stride, offset);
    gl.vertexAttribDivisor(at, divisor);
  }
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, draw.indices);
  gl.bindVertexArray(null);
  const { program, uniforms, textures, scissor, name, args } = draw;
  return () => {
    gl.useProgram(program);
    gl.bindVertexArray(vao);
    for (const { at, buffer, start, size } of uniforms) {
      if (size) gl.bindBufferRange(gl.UNIFORM_BUFFER, at, buffer, start, size);
      else gl.bindBufferBase(gl.UNIFORM_BUFFER, at, buffer);
    }
    for (const { at, texture, sampler } of textures) {
      gl.activeTexture(gl.TEXTURE0 + at);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.bindSampler(at, sampler);
    }
    if (scissor) {
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(...scissor);
    } else {
      gl.disable(gl.SCISSOR_TEST);
    }
    gl[name](...args);
  };
}
