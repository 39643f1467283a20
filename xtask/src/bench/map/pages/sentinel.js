// Reads from the canvas on which spot the sentinel stands, and so which frame is on the screen.

import { SPOTS, spotPx } from "./positions.js";

// Channels of a lit and an unlit spot must differ by this much somewhere.
const DISTINCT = 60;

const distance = (a, b) => Math.max(...[0, 1, 2].map((at) => Math.abs(a[at] - b[at])));

export class Sentinel {
  constructor(adapter, scene) {
    this.gl = adapter.canvas.getContext("webgl2");
    const [width, height] = scene.size;
    const pixels = Array.from({ length: SPOTS }, (_, k) => {
      const [x, y] = spotPx(k);
      return [Math.round(width / 2 + x), Math.round(height / 2 + (adapter.upsideDown ? y : -y))];
    });
    this.row = pixels[0][1];
    this.left = pixels[0][0];
    this.columns = pixels.map(([x]) => x - this.left);
    this.strip = new Uint8Array((this.columns[SPOTS - 1] + 1) * 4);
  }

  // The colours of all spots in the canvas now; only in the turn that drew it.
  read() {
    const { gl } = this;
    const target = gl.getParameter(gl.READ_FRAMEBUFFER_BINDING);
    const pack = gl.getParameter(gl.PIXEL_PACK_BUFFER_BINDING);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    gl.readPixels(this.left, this.row, this.strip.length / 4, 1, gl.RGBA, gl.UNSIGNED_BYTE, this.strip);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, target);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pack);
    return this.columns.map((x) => [...this.strip.subarray(4 * x, 4 * x + 3)]);
  }

  // Learns what a lit and an unlit spot look like; fails where the difference cannot be seen.
  async learn(show) {
    const seen = [];
    for (let k = 0; k < SPOTS; k += 1) {
      await show(k);
      seen.push(this.read());
    }
    this.lit = seen.map((colours, k) => colours[k]);
    this.unlit = seen.map((_, k) => seen[(k + 4) % SPOTS][k]);
    this.lit.forEach((lit, k) => {
      if (distance(lit, this.unlit[k]) < DISTINCT) {
        throw new Error(`the sentinel cannot be seen on spot ${k}: ${lit} against ${this.unlit[k]}`);
      }
    });
  }

  // The number of the spot that is lit, or -1.
  standsOn() {
    const now = this.read();
    const lit = now.map((colour, k) => distance(colour, this.lit[k]) < distance(colour, this.unlit[k]));
    return lit.filter(Boolean).length === 1 ? lit.indexOf(true) : -1;
  }
}
