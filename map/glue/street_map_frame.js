// The only script that touches the map module (street_map.js, street_map_bg.wasm).
//
// It keeps no picture: it creates a canvas, calls into the module, hands messages on, fetches
// tiles, rasterises glyphs, and notices when the module traps or its graphics context is lost.
// Then it takes the map down and calls `onLost` once; the caller creates a new map and sends its
// last state again.
//
//   const map = await createMap(container, { onMessage, onLost, fontFamily, label, describedBy });
//   map.send(bytes);      // a map_protocol::ToMap; the first one is Init
//   map.destroy();
//
// `onMessage(Uint8Array)` gets every map_protocol::FromMap. `onLost(reason, detail)` gets
// "trap" or "context" and a text for the log. The size of the canvas and its pixel ratio are
// followed here, so the caller need not send Resize.

const DEFAULT_FONT = '"Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif';
const FACES = ["400", "700", "italic 400"];
const GLYPHS_PER_TURN = 96;
const WHEEL_LINE_PX = 40;
// As much as the map takes of one tile; what unpacks to more is no tile.
const MAX_TILE_BYTES = 12 * 1024 * 1024;
// A worker that takes longer for one tile, or for its start, is ended.
const JOB_LIMIT_S = 10;
// With so many workers lost within this time there is no further one for as long.
const MOST_LOSSES = 5;
const MOST_FAILED_STARTS = 2;
const LOSSES_WITHIN_MS = 60_000;

// One module serves all maps of the page. When it traps, every map of its generation is lost and
// the next map gets a fresh instance of the compiled code.
let fault = "";
globalThis.streetMapFault = (text) => {
  fault = text;
};
let loading = null;
let generation = null;
let nextHandle = 1;

async function liveModule() {
  if (!loading) {
    loading = (async () => {
      const module = await import(new URL("./street_map.js", import.meta.url).href);
      const code = await compiled(new URL("./street_map_bg.wasm", import.meta.url));
      await module.default({ module_or_path: code });
      generation = { alive: true, frames: new Set() };
      return { module, code };
    })();
    loading.catch(() => { loading = null; });
  }
  const { module, code } = await loading;
  if (!generation.alive) {
    module.__wbg_reset_state();
    generation = { alive: true, frames: new Set() };
  }
  return { module, code };
}

async function compiled(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the map module cannot be loaded: ${url} answers ${response.status}`);
  const type = response.headers.get("Content-Type") || "";
  if (type.startsWith("application/wasm")) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

export async function createMap(container, options) {
  const { module, code } = await liveModule();
  const fontFamily = options.fontFamily || DEFAULT_FONT;
  if (document.fonts) {
    await Promise.all(FACES.map((face) => document.fonts.load(`${face} 36px ${fontFamily}`, "街A")))
      .catch(() => undefined);
  }
  return new MapFrame(module, code, generation, container, { ...options, fontFamily });
}

function isTrap(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

class MapFrame {
  constructor(module, code, generation, container, options) {
    this.generation = generation;
    this.container = container;
    this.options = options;
    this.scheduled = 0;
    this.retry = 0;
    this.awaited = new AbortController();
    this.listeners = new AbortController();
    this.glyphQueue = [];
    this.code = code;
    this.worker = null;
    this.losses = [];
    this.pen = new GlyphPen(options.fontFamily, module.StreetMap.glyphSize());
    this.canvas = document.createElement("canvas");
    const style = this.canvas.style;
    style.position = "absolute";
    style.inset = "0";
    style.width = "100%";
    style.height = "100%";
    style.display = "block";
    style.outline = "none";
    style.touchAction = "none";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", options.label || "map");
    if (options.describedBy) this.canvas.setAttribute("aria-describedby", options.describedBy);
    const { width, height, ratio } = this.size();
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    container.appendChild(this.canvas);
    try {
      this.map = new module.StreetMap(this.canvas, nextHandle++);
    } catch (error) {
      this.canvas.remove();
      if (isTrap(error)) {
        const reason = fault || error;
        poison(generation, error);
        throw new Error(`the map cannot be started: ${reason}`);
      }
      throw error;
    }
    generation.frames.add(this);
    this.listen();
    // The first calls may have lost the map already.
    if (!this.map) return;
    this.startWorker();
    this.watch = setInterval(() => this.watchWorker(), 1000);
  }

  // Sends the bytes of a map_protocol::ToMap. A malformed message is thrown as an error.
  send(bytes) {
    this.call((map) => map.receive(bytes, performance.now()));
  }

  // Takes the map down for good.
  destroy() {
    const map = this.release();
    if (!map) return;
    try {
      map.free();
    } catch (error) {
      if (isTrap(error)) poison(this.generation, error);
    }
  }

  // Test hook: loses the graphics context as a driver reset would.
  loseContext() {
    this.canvas.getContext("webgl2")?.getExtension("WEBGL_lose_context")?.loseContext();
  }

  size() {
    const box = this.container.getBoundingClientRect();
    return { width: box.width, height: box.height, ratio: window.devicePixelRatio || 1 };
  }

  // Calls into the module, then delivers what it has to say. Traps end this generation.
  call(action) {
    if (!this.map) return undefined;
    let result;
    const messages = [];
    try {
      result = action(this.map);
      for (let message = this.map.nextMessage(); message; message = this.map.nextMessage()) {
        messages.push(message);
      }
      this.fetchTiles();
      this.handOutJobs();
      this.queueGlyphs();
      if (this.map.wantsFrame()) this.schedule();
    } catch (error) {
      if (!isTrap(error)) throw error;
      poison(this.generation, error);
    }
    // Outside of the guard: a fault of the receiver is not a fault of the map.
    for (const message of messages) this.options.onMessage(message);
    return result;
  }

  schedule() {
    if (this.scheduled) return;
    const wantedAt = performance.now();
    this.scheduled = requestAnimationFrame(() => {
      this.scheduled = 0;
      const now = performance.now();
      const more = this.call((map) => map.frame(now, now - wantedAt));
      if (more) this.schedule();
    });
  }

  fetchTiles() {
    const now = performance.now();
    for (let tile = this.map.nextTile(now); tile; tile = this.map.nextTile(now)) {
      const { id, url } = tile;
      tile.free();
      this.fetchTile(id, url);
    }
    const at = this.map.retryAt();
    if (at !== undefined && !this.retry) {
      this.retry = setTimeout(() => {
        this.retry = 0;
        this.call(() => undefined);
      }, Math.max(50, at - now));
    }
  }

  async fetchTile(id, url) {
    let answer;
    try {
      const response = await fetch(url, { signal: this.awaited.signal });
      if (response.status === 404 || response.status === 204) {
        answer = (map) => map.tileEmpty(id, performance.now());
      } else if (!response.ok) {
        const reason = `the tile source answers ${response.status}`;
        answer = (map) => map.tileFailed(id, reason, performance.now());
      } else {
        const bytes = await unpacked(new Uint8Array(await response.arrayBuffer()));
        answer = (map) => map.tileArrived(id, bytes, performance.now());
      }
    } catch (error) {
      if (this.awaited.signal.aborted) return;
      answer = (map) => map.tileFailed(id, String(error), performance.now());
    }
    this.call(answer);
  }

  // Tiles are decoded and tessellated in a worker. Only where none starts the map builds them itself.
  startWorker() {
    let worker;
    try {
      worker = new Worker(new URL("./street_map_worker.js", import.meta.url), { type: "module" });
    } catch (error) {
      this.buildHere(error);
      return;
    }
    this.worker = worker;
    this.workerReady = false;
    // The jobs that it has, the one under way first.
    this.jobs = new Set();
    this.styleEpoch = null;
    worker.onerror = (event) => {
      if (worker === this.worker) this.loseWorker(this.underWay(), event.message || "it failed");
    };
    worker.onmessage = ({ data }) => {
      // An ended worker may have left something in the queue.
      if (worker !== this.worker) return;
      if (data.trap) {
        this.loseWorker(data.id, data.trap);
        return;
      }
      this.jobs.delete(data.id);
      if (data.ready) {
        this.workerReady = true;
        this.call(() => undefined);
      } else if (data.failed) this.call((map) => map.jobFailed(data.id, data.failed));
      else this.call((map) => map.jobDone(data.id, data.parcel));
    };
    worker.postMessage({ code: this.code });
    // Tiles wait until it is ready, and what the worker before it had is handed out again.
    this.call((map) => map.buildOutside(true));
  }

  underWay() {
    return this.jobs.values().next().value;
  }

  // The worker is gone, in the middle of a job if one is named. That job's tile is left out, as it
  // would end the next worker or the map itself too. The other jobs wait for the next worker: after
  // such a tile the map builds nothing itself, or it might be the one to end, and be built anew, and
  // meet the tile again. Only where workers do not even start is there no other way.
  loseWorker(job, reason) {
    this.endWorker();
    if (job !== undefined) this.call((map) => map.jobFailed(job, reason));
    if (!this.map) return;
    const now = performance.now();
    this.losses = this.losses.filter((at) => now - at < LOSSES_WITHIN_MS);
    this.losses.push(now);
    const most = job === undefined ? MOST_FAILED_STARTS : MOST_LOSSES;
    if (this.losses.length < most) {
      console.warn(`the tile worker ended, another one is started: ${reason}`);
      this.startWorker();
    } else if (job !== undefined) {
      console.warn(`the tile worker ended again, another one is started in a minute: ${reason}`);
      this.pause = setTimeout(() => this.startWorker(), LOSSES_WITHIN_MS);
    } else {
      this.buildHere(reason);
    }
  }

  buildHere(reason) {
    console.warn(`there is no tile worker, tiles are built on the page's own thread: ${reason}`);
    this.call((map) => map.buildOutside(false));
  }

  // Every second. Seconds are counted rather than measured, so that a machine that slept, or a page
  // that was held up, does not make a job look slow.
  watchWorker() {
    if (!this.worker) return;
    const busy = this.workerReady ? this.underWay() : "start";
    if (busy === undefined || busy !== this.watched) {
      this.watched = busy;
      this.busySeconds = 0;
      return;
    }
    this.busySeconds += 1;
    if (this.busySeconds < JOB_LIMIT_S) return;
    const job = this.workerReady ? busy : undefined;
    this.loseWorker(job, `it took more than ${JOB_LIMIT_S} s`);
  }

  endWorker() {
    this.worker?.terminate();
    this.worker = null;
    this.watched = undefined;
  }

  handOutJobs() {
    if (!this.worker || !this.workerReady) return;
    for (let job = this.map.nextJob(); job; job = this.map.nextJob()) {
      const { id, key, bytes, styleEpoch } = job;
      job.free();
      const style = styleEpoch === this.styleEpoch ? undefined : this.map.styleJson();
      this.styleEpoch = styleEpoch;
      this.jobs.add(id);
      this.worker.postMessage({ id, key, bytes, style }, [bytes.buffer]);
    }
  }

  queueGlyphs() {
    const wanted = this.map.glyphsWanted();
    for (let at = 0; at + 1 < wanted.length; at += 2) {
      this.glyphQueue.push([wanted[at], wanted[at + 1]]);
    }
    if (this.glyphQueue.length && !this.drawing) {
      this.drawing = true;
      queueMicrotask(() => this.drawGlyphs());
    }
  }

  // A few at a time, so that a map full of names does not hold up a frame.
  drawGlyphs() {
    const turn = this.glyphQueue.splice(0, GLYPHS_PER_TURN);
    this.call((map) => {
      for (const [face, codePoint] of turn) {
        const glyph = this.pen.draw(FACES[face] ?? FACES[0], String.fromCodePoint(codePoint));
        map.glyphArrived(face, codePoint, glyph.width, glyph.height, glyph.left, glyph.top,
          glyph.advance, glyph.coverage);
      }
    });
    if (this.glyphQueue.length) setTimeout(() => this.drawGlyphs(), 0);
    else this.drawing = false;
  }

  listen() {
    const { canvas } = this;
    const signal = this.listeners.signal;
    const on = (target, name, action, more) =>
      target.addEventListener(name, action, { signal, ...more });
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const point = (action) => (event) => {
      const [x, y] = at(event);
      this.call((map) => {
        action(map, x, y, event);
        canvas.style.cursor = map.cursor();
      });
    };
    on(canvas, "webglcontextlost", (event) => {
      event.preventDefault();
      this.lose("context", "the graphics context was lost");
    });
    on(canvas, "pointerdown", point((map, x, y, event) => {
      if (event.button !== 0) return;
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      if (event.pointerType === "touch") map.fingerDown(event.pointerId, x, y, performance.now());
      else if (event.shiftKey) map.boxStarted(x, y);
      else map.pointerPressed(x, y, performance.now());
    }));
    on(canvas, "pointermove", point((map, x, y, event) => {
      if (event.pointerType === "touch") map.fingerMoved(event.pointerId, x, y, performance.now());
      else if (event.isPrimary) map.pointerMoved(x, y, performance.now());
    }));
    on(canvas, "pointerup", point((map, x, y, event) => {
      if (event.pointerType === "touch") map.fingerUp(event.pointerId, x, y, performance.now());
      else if (event.button === 0 && event.isPrimary) map.pointerReleased(x, y, performance.now());
    }));
    on(canvas, "pointercancel", () => this.call((map) => map.fingersGone()));
    on(canvas, "pointerleave", (event) => {
      // A lifted finger leaves too, while another may still be down.
      if (event.pointerType !== "touch") this.call((map) => map.pointerLeft());
    });
    on(canvas, "dblclick", point((map, x, y, event) => map.doubleClicked(x, y, event.shiftKey)));
    on(canvas, "wheel", (event) => {
      event.preventDefault();
      const unit = event.deltaMode === 1 ? WHEEL_LINE_PX : event.deltaMode === 2 ? 400 : 1;
      const [x, y] = at(event);
      this.call((map) => map.wheel(x, y, event.deltaY * unit));
    }, { passive: false });
    on(canvas, "keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (!this.call((map) => map.keyPressed(event.key, event.shiftKey))) return;
      event.preventDefault();
      // What Escape has ended here must not end something else outside as well.
      if (event.key === "Escape") event.stopPropagation();
    });
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.container);
    this.watchRatio();
    this.resized();
  }

  resized() {
    const { width, height, ratio } = this.size();
    this.call((map) => map.resized(width, height, ratio));
  }

  // The window may move to a screen with another density.
  watchRatio() {
    const query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener("change", () => {
      if (!this.map) return;
      this.resized();
      this.watchRatio();
    }, { signal: this.listeners.signal, once: true });
  }

  // Detaches everything from the page; answers the module's object, which may be dead.
  release() {
    const { map } = this;
    if (!map) return null;
    this.map = null;
    this.generation.frames.delete(this);
    this.listeners.abort();
    this.awaited.abort();
    this.observer.disconnect();
    this.endWorker();
    clearInterval(this.watch);
    clearTimeout(this.pause);
    if (this.scheduled) cancelAnimationFrame(this.scheduled);
    if (this.retry) clearTimeout(this.retry);
    this.canvas.remove();
    return map;
  }

  lose(reason, detail) {
    if (!this.map) return;
    if (reason === "trap") {
      this.release();
      // Nobody is left to free what the module held on the device.
      this.loseContext();
    } else {
      this.destroy();
    }
    this.options.onLost(reason, detail);
  }
}

// After a trap the module's memory cannot be trusted: every map on it is lost.
function poison(generation, error) {
  generation.alive = false;
  const detail = [fault, String(error), error?.stack].filter(Boolean).join("\n");
  fault = "";
  for (const frame of [...generation.frames]) frame.lose("trap", detail);
}

// Archives often hold gzip-packed tiles; not every source unpacks them.
async function unpacked(bytes) {
  if (bytes.length < 2 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const parts = [];
  let length = 0;
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > MAX_TILE_BYTES) {
      await reader.cancel();
      throw new Error(`the tile unpacks to more than ${MAX_TILE_BYTES} bytes`);
    }
    parts.push(part.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

// Rasterises glyphs on a small 2D canvas.
class GlyphPen {
  constructor(fontFamily, size) {
    this.fontFamily = fontFamily;
    this.size = size;
    const side = Math.ceil(size * 2.5);
    const canvas = document.createElement("canvas");
    canvas.width = side;
    canvas.height = side;
    this.side = side;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.context.textBaseline = "alphabetic";
    // Only the coverage is read.
    this.context.fillStyle = "white";
  }

  draw(face, text) {
    const { context, side, size } = this;
    context.font = `${face} ${size}px ${this.fontFamily}`;
    const measured = context.measureText(text);
    const left = Math.floor(-measured.actualBoundingBoxLeft) - 1;
    const right = Math.ceil(measured.actualBoundingBoxRight) + 1;
    const top = Math.ceil(measured.actualBoundingBoxAscent) + 1;
    const bottom = Math.ceil(measured.actualBoundingBoxDescent) + 1;
    const width = Math.min(right - left, side);
    const height = Math.min(top + bottom, side);
    const advance = measured.width;
    const blank = { width: 0, height: 0, left: 0, top: 0, advance, coverage: new Uint8Array(0) };
    if (text.trim() === "" || width <= 2 || height <= 2) return blank;
    context.clearRect(0, 0, side, side);
    context.fillText(text, -left, top);
    const pixels = context.getImageData(0, 0, width, height).data;
    const coverage = new Uint8Array(width * height);
    for (let at = 0; at < coverage.length; at += 1) coverage[at] = pixels[at * 4 + 3];
    return { width, height, left, top, advance, coverage };
  }
}
