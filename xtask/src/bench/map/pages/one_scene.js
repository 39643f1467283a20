// Draws the scene whose messages the server holds and posts its pixels; then loses the map in both
// ways that a page can, creates it anew with the same messages, and posts how its picture differs.

import { createMap } from "/ours/street_map_frame.js";

const QUIET_MS = 700;
const SIZE = [640, 360];
// map_protocol's message that makes the module trap.
const TRAP = new Uint8Array([21]);
// The first byte of its message that everything is drawn.
const IDLE = 7;

const post = (path, body) => fetch(path, { method: "POST", body });

// The messages, each behind its length in four bytes.
async function sceneMessages() {
  const bytes = new Uint8Array(await (await fetch("/scene/messages")).arrayBuffer());
  const view = new DataView(bytes.buffer);
  const messages = [];
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at, true);
    messages.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return messages;
}

class Scene {
  constructor(box, messages) {
    this.box = box;
    this.messages = messages;
  }

  // Creates the map and tells it everything, as a page does at the beginning and after a loss.
  async open() {
    this.messagesSeen = 0;
    this.wholeAt = 0;
    this.map = await createMap(this.box, {
      label: "map",
      onMessage: ([tag]) => {
        this.messagesSeen += 1;
        if (tag === IDLE) this.wholeAt ||= performance.now();
      },
      onLost: (reason, detail) => this.onLost(reason, detail),
    });
    for (const message of this.messages) this.map.send(message);
    await new Promise((done) => requestAnimationFrame(done));
    this.handedOverAt = performance.now();
  }

  onLost(reason, detail) {
    post("/failed", `the map was lost (${reason}): ${detail}`);
  }

  async settle() {
    let seen;
    do {
      seen = this.messagesSeen;
      await new Promise((done) => setTimeout(done, QUIET_MS));
    } while (seen !== this.messagesSeen);
  }

  // The last message once more, for a frame whose pixels can be read in the turn that draws it.
  async pixels() {
    await this.settle();
    this.map.send(this.messages.at(-1));
    await new Promise((done) => requestAnimationFrame(done));
    const gl = this.map.canvas.getContext("webgl2");
    const [width, height] = SIZE;
    const pixels = new Uint8Array(width * height * 4);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    return pixels;
  }

  // Loses the map by an action, and answers what became of it.
  async lose(action, before) {
    let lostAt;
    const lost = new Promise((done) => {
      this.onLost = (reason) => {
        lostAt = performance.now();
        done(reason);
      };
    });
    action(this.map);
    const reason = await lost;
    await this.open();
    const after = await this.pixels();
    let differing = 0;
    for (let at = 0; at < after.length; at += 4) {
      differing += Number([0, 1, 2, 3].some((channel) => after[at + channel] !== before[at + channel]));
    }
    const { handedOverAt, wholeAt } = this;
    return { reason, differing, first_frame_ms: handedOverAt - lostAt, whole_ms: wholeAt - lostAt };
  }
}

async function perform() {
  const box = document.getElementById("box");
  [box.style.width, box.style.height] = SIZE.map((px) => `${px}px`);
  const scene = new Scene(box, await sceneMessages());
  await scene.open();
  const pixels = await scene.pixels();
  const restored = [
    await scene.lose((map) => map.send(TRAP), pixels),
    await scene.lose((map) => map.loseContext(), pixels),
  ];
  const hex = Array.from(pixels, (byte) => byte.toString(16).padStart(2, "0")).join("");
  await post("/done", JSON.stringify({ pixels: hex, restored }));
}

perform().catch((error) => post("/failed", String(error?.stack ?? error)));
