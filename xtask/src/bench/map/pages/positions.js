// Where people are in each frame: the same arrays of 32-bit floats for every contestant, made
// before anything is measured. The first person is the sentinel: in frame k it stands on spot k,
// and nobody else comes near the spots, so that a pixel there tells which frame is on the screen.

export const SPOTS = 8;
const SPOT_STEP_PX = 26;
const CLEAR_PX = 24;
// Left and below the middle, where the scene has no label.
const FIRST_SPOT_PX = [-420, 330];

// A small generator with a seed (the multiply-and-xor mix called mulberry32).
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// Degrees for one pixel at the scene's zoom.
export function degreesPerPixel(scene) {
  const lon = 360 / (512 * 2 ** scene.zoom);
  return [lon, lon * Math.cos((scene.centre[1] * Math.PI) / 180)];
}

// The place of spot k in pixels from the middle of the canvas, to the right and down.
export function spotPx(k) {
  return [FIRST_SPOT_PX[0] + (k % SPOTS) * SPOT_STEP_PX, FIRST_SPOT_PX[1]];
}

export function spot(scene, k) {
  const [dx, dy] = degreesPerPixel(scene);
  const [x, y] = spotPx(k);
  return [scene.centre[0] + x * dx, scene.centre[1] - y * dy];
}

function nearSpots(x, y) {
  const [left, row] = spotPx(0);
  const [right] = spotPx(SPOTS - 1);
  return Math.abs(y - row) < CLEAR_PX && x > left - CLEAR_PX && x < right + CLEAR_PX;
}

// `SPOTS` frames of longitude and latitude for so many people; each moves by up to two pixels.
export function frames(scene, count) {
  const roll = dice(20260420);
  const [dx, dy] = degreesPerPixel(scene);
  const [width, height] = scene.size;
  const all = Array.from({ length: SPOTS }, () => new Float32Array(2 * count));
  for (let person = 1; person < count; person += 1) {
    let x;
    let y;
    do {
      x = (roll() - 0.5) * (width - 20);
      y = (roll() - 0.5) * (height - 20);
    } while (nearSpots(x, y));
    for (const frame of all) {
      frame[2 * person] = scene.centre[0] + (x + (roll() - 0.5) * 4) * dx;
      frame[2 * person + 1] = scene.centre[1] - (y + (roll() - 0.5) * 4) * dy;
    }
  }
  all.forEach((frame, k) => frame.set(spot(scene, k), 0));
  return all;
}
