// Draws the scene whose messages the server holds, and posts its pixels.

import { createMap } from "/ours/street_map_frame.js";

const QUIET_MS = 700;
const SIZE = [640, 360];

const post = (path, body) => fetch(path, { method: "POST", body });

async function perform() {
  const box = document.getElementById("box");
  [box.style.width, box.style.height] = SIZE.map((px) => `${px}px`);
  let messagesSeen = 0;
  const map = await createMap(box, {
    label: "map",
    onMessage: () => { messagesSeen += 1; },
    onLost: (reason, detail) => post("/failed", `the map was lost (${reason}): ${detail}`),
  });
  const bytes = new Uint8Array(await (await fetch("/scene/messages")).arrayBuffer());
  const view = new DataView(bytes.buffer);
  let last;
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at, true);
    last = bytes.subarray(at + 4, at + 4 + length);
    map.send(last);
    at += 4 + length;
  }
  let seen;
  do {
    seen = messagesSeen;
    await new Promise((done) => setTimeout(done, QUIET_MS));
  } while (seen !== messagesSeen);
  // The last message once more, for a frame whose pixels can be read in the turn that draws it.
  map.send(last);
  await new Promise((done) => requestAnimationFrame(done));
  const gl = map.canvas.getContext("webgl2");
  const [width, height] = SIZE;
  const pixels = new Uint8Array(width * height * 4);
  gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  await post("/done", Array.from(pixels, (byte) => byte.toString(16).padStart(2, "0")).join(""));
}

perform().catch((error) => post("/failed", String(error?.stack ?? error)));
