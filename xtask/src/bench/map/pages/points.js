// Points in bare WebGL2: longitude and latitude go to the device as they are, the shader projects
// them around the middle of the scene; colours lie there from the start.

const VERTEX = `#version 300 es
uniform vec2 centre;
uniform vec2 scale;
uniform vec2 viewport;
uniform float bend;
layout(location = 0) in vec2 at;
layout(location = 1) in vec4 fill;
out vec2 px;
out vec4 colour;
const float REACH = 7.0;
void main() {
  vec2 unit = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
  vec2 degrees = at - centre;
  // The Mercator latitude to the second order; exact to a hundredth of a pixel over the canvas.
  vec2 place = vec2(degrees.x, degrees.y * (1.0 + bend * degrees.y)) * scale;
  px = unit * REACH;
  colour = fill;
  gl_Position = vec4((place + px) * 2.0 / viewport, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 outline;
in vec2 px;
in vec4 colour;
out vec4 pixel;
void main() {
  float d = length(px);
  float body = clamp(5.0 - d, 0.0, 1.0);
  float edge = clamp(6.25 - d, 0.0, 1.0);
  pixel = colour * body + outline * edge * (1.0 - body);
}`;

export function rgba(text) {
  const digits = text.replace("#", "").padEnd(8, "f");
  return [0, 2, 4, 6].map((at) => parseInt(digits.slice(at, at + 2), 16) / 255);
}

function compiled(gl, kind, source) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
  return shader;
}

export class Points {
  // `upsideDown`: for a picture whose first row is the upper one.
  constructor(gl, scene, count, upsideDown = false) {
    this.gl = gl;
    this.count = count;
    const program = gl.createProgram();
    gl.attachShader(program, compiled(gl, gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(program, compiled(gl, gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(program);
    this.program = program;
    this.vao = gl.createVertexArray();
    gl.bindVertexArray(this.vao);
    this.positions = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.positions);
    gl.bufferData(gl.ARRAY_BUFFER, count * 8, gl.STREAM_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.vertexAttribDivisor(0, 1);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, fills(scene, count), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 0, 0);
    gl.vertexAttribDivisor(1, 1);
    gl.bindVertexArray(null);
    gl.useProgram(program);
    const place = (name) => gl.getUniformLocation(program, name);
    const latitude = (scene.centre[1] * Math.PI) / 180;
    const pxPerDegree = (512 * 2 ** scene.zoom) / 360;
    gl.uniform2f(place("centre"), ...scene.centre);
    gl.uniform2f(place("scale"), pxPerDegree, pxPerDegree / Math.cos(latitude));
    gl.uniform1f(place("bend"), (Math.tan(latitude) * Math.PI) / 360);
    const [width, height] = scene.size;
    gl.uniform2f(place("viewport"), width, upsideDown ? -height : height);
    gl.uniform4fv(place("outline"), rgba(scene.personOutline));
  }

  write(positions) {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.positions);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, positions);
  }

  writeOne(index, lon, lat) {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.positions);
    gl.bufferSubData(gl.ARRAY_BUFFER, index * 8, new Float32Array([lon, lat]));
  }

  draw() {
    const { gl } = this;
    gl.useProgram(this.program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindVertexArray(this.vao);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.count);
    gl.bindVertexArray(null);
  }
}

// The colour of each person's state, four bytes each.
export function fills(scene, count) {
  const states = scene.personStates.map((text) => rgba(text).map((part) => Math.round(part * 255)));
  const bytes = new Uint8Array(4 * count);
  for (let id = 0; id < count; id += 1) bytes.set(states[id === 0 ? 0 : 1 + (id % 2)], 4 * id);
  return bytes;
}
