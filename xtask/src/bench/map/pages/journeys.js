// A journey over the city, and the way from nothing to a whole picture.

const LEGS = [
  // From the scene's middle by degrees, zoom; between two of them the map glides.
  [0, 0, 14],
  [0.02, 0.006, 14],
  [0.02, 0.006, 15.5],
  [-0.01, -0.004, 15.5],
  [-0.01, -0.004, 13],
  [0, 0, 12],
  [0, 0, 14],
];

function stations(scene, steps) {
  const legs = LEGS.length - 1;
  return Array.from({ length: steps }, (_, step) => {
    const way = (step / (steps - 1)) * legs;
    const leg = Math.min(Math.floor(way), legs - 1);
    const share = way - leg;
    const [lon, lat, zoom] = LEGS[leg].map((from, at) => from + (LEGS[leg + 1][at] - from) * share);
    return { centre: [scene.centre[0] + lon, scene.centre[1] + lat], zoom };
  });
}

// Every station is one frame; the stretch ends when the last one is drawn with all of its tiles.
export async function journey({ adapter, scene, told, mark, count }) {
  const way = stations(scene, count("updates"));
  const renders = told.renders;
  const started = performance.now();
  await mark("begin");
  for (const { centre, zoom } of way) await adapter.look(centre, zoom);
  const moving = performance.now() - started;
  await told.quiet();
  await mark("end");
  told.note("wallMs", moving / way.length);
  told.note("renders", told.renders - renders);
}

// How long any pixel shows the ground below the tiles.
export async function blankTiles({ adapter, scene, told, count }) {
  // Below another canvas the ground has gone to the screen before it could be read.
  if (adapter.liesAbove) return;
  const gl = adapter.canvas.getContext("webgl2");
  const [width, height] = scene.size;
  const pixels = new Uint32Array(width * height);
  const bytes = new Uint8Array(pixels.buffer);
  const blank = new Uint32Array(new Uint8Array(scene.blank).buffer)[0];
  let since = null;
  let longest = 0;
  let frames = 0;
  let most = 0;
  const look = () => {
    const target = gl.getParameter(gl.READ_FRAMEBUFFER_BINDING);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, target);
    let found = 0;
    for (let at = 0; at < pixels.length; at += 1) found += Number(pixels[at] === blank);
    most = Math.max(most, found);
    if (found === 0) {
      since = null;
      return;
    }
    frames += 1;
    since ??= performance.now();
    longest = Math.max(longest, performance.now() - since);
  };
  for (const { centre, zoom } of stations(scene, count("updates"))) {
    await adapter.look(centre, zoom);
    look();
  }
  told.note("blankFrames", frames);
  told.note("longestBlankMs", longest);
  told.note("mostBlankShare", most / pixels.length);
}

// From the start of the navigation to the last time that everything was drawn.
export async function coldStart({ told, mark }) {
  await told.quiet();
  await mark("end");
  told.note("completeMs", told.lastIdleMs);
}
