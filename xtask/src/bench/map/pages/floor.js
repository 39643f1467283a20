// The floor: a bare WebGL2 page that draws what our map draws, with the least that must be done.
//
// Our map draws one whole frame, base map, grids and labels; its draw calls are kept with their
// programs, buffers and textures and made again each frame, without anything around them. People
// are points whose array of floats goes to the device as it is. The picture is upside down and
// without the last conversion of colours, which costs the page's thread nothing.

import { create as createOurs } from "./ours.js";
import { recordDraws, replayer } from "./gl_watch.js";
import { Points } from "./points.js";

const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

// A triangle over the whole canvas copies a picture; every frame of the page makes its own copy.
const isCopy = ({ name, args }) => name.startsWith("drawArrays") && args[2] === 3;

async function recordFrame(options) {
  const recorded = recordDraws();
  const ours = await createOurs(options);
  await ours.show(options.frames[0]);
  await options.told.quiet();
  recorded.draws = [];
  // The same people again, and everything below them anew.
  ours.redrawAll();
  await nextFrame();
  const { draws } = recorded;
  recorded.draws = null;
  const people = draws.findIndex(({ args }) => args[3] === options.count);
  if (people < 0) throw new Error("the frame of our map has no draw call of all people");
  const below = draws.slice(0, people).filter((draw) => !isCopy(draw));
  const above = draws.slice(people + 1).filter((draw) => !isCopy(draw));
  return { canvas: ours.canvas, below, above };
}

// `held`: what lies below the people is drawn once and copied from then on, as our map does.
export async function create(options, held = false) {
  const { scene, count, frames, told } = options;
  const { canvas, below, above } = await recordFrame(options);
  const gl = canvas.getContext("webgl2");
  const [width, height] = scene.size;
  const lower = below.map((draw) => replayer(gl, draw));
  const upper = above.map((draw) => replayer(gl, draw));
  const points = new Points(gl, scene, count, true);
  points.write(frames[0]);
  const drawLower = () => {
    gl.disable(gl.SCISSOR_TEST);
    gl.clear(gl.COLOR_BUFFER_BIT);
    for (const draw of lower) draw();
  };
  gl.viewport(0, 0, width, height);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  let ground = drawLower;
  if (held) {
    const buffer = gl.createRenderbuffer();
    const picture = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, picture);
    gl.bindRenderbuffer(gl.RENDERBUFFER, buffer);
    gl.renderbufferStorage(gl.RENDERBUFFER, gl.RGBA8, width, height);
    gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, buffer);
    drawLower();
    ground = () => {
      gl.disable(gl.SCISSOR_TEST);
      gl.bindFramebuffer(gl.READ_FRAMEBUFFER, picture);
      gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
      gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    };
  }
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  const frame = async (change) => {
    await nextFrame();
    change();
    ground();
    gl.disable(gl.SCISSOR_TEST);
    points.draw();
    for (const draw of upper) draw();
    told.render();
  };
  told.note("drawCalls", lower.length + upper.length + 1);
  return {
    canvas,
    upsideDown: true,
    show: (positions) => frame(() => points.write(positions)),
    moveOne: (lon, lat) => frame(() => points.writeOne(0, lon, lat)),
    redraw: () => frame(() => undefined),
  };
}
