// One visit: a contestant draws a scenario; what was found goes to the benchmark, and the browser
// to the next page.

import { SPOTS, frames as makeFrames, spot } from "./positions.js";
import { watchUploads } from "./gl_watch.js";
import { Sentinel } from "./sentinel.js";
import { blankTiles, coldStart, journey } from "./journeys.js";

const query = new URLSearchParams(location.search);
const asked = Object.fromEntries(query);
const post = (path, body) => fetch(path, { method: "POST", body });
const mark = (name) => post("/mark", name);

const QUIET_MS = 600;

const figures = {};
let failed = false;

// What a contestant tells while it works.
const told = {
  renders: 0,
  render() {
    this.renders += 1;
    this.onRender?.();
  },
  idles: 0,
  idle() {
    this.idles += 1;
    this.lastIdleMs = performance.now();
  },
  // Resolves when everything was drawn and nothing has happened for a while.
  async quiet() {
    let idles;
    do {
      idles = this.idles;
      await new Promise((done) => setTimeout(done, QUIET_MS));
    } while (this.idles !== idles || idles === 0);
  },
  note(name, value) {
    figures[name] = value;
  },
  failed(text) {
    fail(text);
  },
};

async function fail(text) {
  if (failed) return;
  failed = true;
  await post("/failed", `${asked.contestant}, ${asked.scenario}: ${text}`);
  await goOn();
}

async function goOn() {
  location.href = await (await fetch("/next")).text();
}

addEventListener("error", ({ message }) => fail(message));
addEventListener("unhandledrejection", ({ reason }) => fail(reason?.stack ?? String(reason)));

const count = (name) => Number(asked[name] ?? 0);

// Everybody moves in every frame; the next frame is handed over when the last one was drawn.
async function everybodyMoves({ adapter, frames }) {
  const show = (k) => adapter.show(frames[k % SPOTS]);
  for (let k = 0; k < count("warm"); k += 1) await show(k);
  const renders = told.renders;
  const started = performance.now();
  await mark("begin");
  for (let k = 0; k < count("updates"); k += 1) await show(k);
  await mark("end");
  told.note("wallMs", (performance.now() - started) / count("updates"));
  told.note("renders", (told.renders - renders) / count("updates"));
}

// The same with a look at the sentinel after every frame, then without waiting for anybody.
async function everybodyIsSeen({ adapter, frames, scene }) {
  const sentinel = new Sentinel(adapter, scene);
  const show = (k) => adapter.show(frames[k % SPOTS]);
  await sentinel.learn(show);
  const took = [];
  let seen = 0;
  for (let k = 0; k < count("updates"); k += 1) {
    const started = performance.now();
    await show(k);
    seen += Number(sentinel.standsOn() === k % SPOTS);
    took.push(performance.now() - started);
  }
  told.note("seen", seen);
  told.note("toPixelMs", median(took));
  if (!adapter.push) return;
  let last = -1;
  let free = 0;
  told.onRender = () => {
    const now = sentinel.standsOn();
    free += Number(now >= 0 && now !== last);
    if (now >= 0) last = now;
  };
  for (let k = 0; k < count("updates"); k += 1) {
    adapter.push(frames[k % SPOTS]);
    await new Promise((done) => requestAnimationFrame(done));
  }
  await told.quiet();
  told.note("seenWithoutWaiting", free);
}

// One of all changes; it goes from spot to spot.
async function oneMoves({ adapter, scene }) {
  const move = (k) => adapter.moveOne(...spot(scene, k));
  for (let k = 0; k < count("warm"); k += 1) await move(k);
  await mark("begin");
  for (let k = 0; k < count("updates"); k += 1) await move(k);
  await mark("end");
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

// The same, with the time from the call until the pixel can be read, and that of a frame in which
// nothing has changed.
async function oneIsSeen({ adapter, scene }) {
  const sentinel = new Sentinel(adapter, scene);
  const move = (k) => adapter.moveOne(...spot(scene, k));
  await sentinel.learn(move);
  const took = [];
  let seen = 0;
  for (let k = 0; k < count("updates"); k += 1) {
    const started = performance.now();
    await move(k);
    seen += Number(sentinel.standsOn() === k % SPOTS);
    took.push(performance.now() - started);
  }
  told.note("seen", seen);
  told.note("toPixelMs", median(took));
  const redrawn = [];
  for (let k = 0; k < count("updates"); k += 1) {
    const started = performance.now();
    await adapter.redraw();
    sentinel.standsOn();
    redrawn.push(performance.now() - started);
  }
  told.note("redrawMs", median(redrawn));
}

// Bytes that go to the device for one change of this kind.
function uploads(change) {
  const watched = watchUploads();
  return async (stage) => {
    const perform = change(stage);
    for (let k = 0; k < count("warm"); k += 1) await perform(k);
    told.note("bytesHeld", watched.bytes);
    watched.bytes = 0;
    watched.calls = 0;
    for (let k = 0; k < count("updates"); k += 1) await perform(k);
    told.note("bytes", watched.bytes / count("updates"));
    told.note("uploads", watched.calls / count("updates"));
  };
}

const SCENARIOS = {
  move: () => everybodyMoves,
  "move-seen": () => everybodyIsSeen,
  "move-bytes": () => uploads(({ adapter, frames }) => (k) => adapter.show(frames[k % SPOTS])),
  one: () => oneMoves,
  "one-seen": () => oneIsSeen,
  "one-bytes": () => uploads(({ adapter, scene }) => (k) => adapter.moveOne(...spot(scene, k))),
  pan: () => journey,
  "pan-blank": () => blankTiles,
  load: () => coldStart,
};

async function perform() {
  const scene = await (await fetch("/scene.json")).json();
  const box = document.getElementById("box");
  [box.style.width, box.style.height] = scene.size.map((px) => `${px}px`);
  // Watching begins before anything is drawn.
  const scenario = SCENARIOS[asked.scenario]();
  const frames = makeFrames(scene, count("people"));
  const { create } = await import(`./${asked.contestant}.js`);
  const blank = asked.scenario === "pan-blank";
  const cold = asked.scenario === "load";
  const adapter = await create({ scene, box, frames, told, blank, cold, count: count("people") });
  if (!adapter.isShown) await adapter.show(frames[0]);
  if (!cold) await told.quiet();
  await scenario({ adapter, frames, scene, told, mark, asked, count });
  told.note("heapMb", performance.memory.usedJSHeapSize / 1e6);
  await post("/done", JSON.stringify(figures));
  await goOn();
}

perform().catch((error) => fail(error?.stack ?? String(error)));
