// The only script that touches the map module (street_map.js, street_map_bg.wasm).
//
// It keeps no picture: it creates a canvas, calls into the module, hands messages on, fetches
// tiles, and notices when the module traps or its graphics context is lost. Then it takes the map
// down and calls `onLost` once; the caller creates a new map and sends its last state again.
// What the hand does, the glyphs and the worker have scripts of their own beside this one; they
// reach the module through `call` alone.
//
//   const map = await createMap(container, { onMessage, onLost, onStill, fontFamily, label, describedBy });
//   map.send(bytes);      // a map_protocol::ToMap; the first one is Init
//   map.destroy();
//
// `onMessage(Uint8Array)` gets every map_protocol::FromMap. `onLost(reason, detail)` gets
// "trap" or "context" and a text for the log. `onStill(true)` says that the browser has shown no
// frame for seconds though one is wanted and the page is visible, `onStill(false)` that it does
// again. The size of the canvas and its pixel ratio are
// followed here, so the caller need not send Resize.

import { TileWorker } from "./street_map_builder.js";
import { Glyphs, loadFaces } from "./street_map_glyphs.js";
import { listenToHand } from "./street_map_hand.js";

const DEFAULT_FONT = '"Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif';
// As much as the map takes of one tile; what unpacks to more is no tile.
const MAX_TILE_BYTES = 12 * 1024 * 1024;
// A tile that has not come by then is asked for again: a picture must not wait for ever for an answer
// that was lost on its way.
const TILE_WITHIN_MS = 30_000;
// A frame that is wanted for so long and not let through, as when a graphics driver hangs, means that
// the picture stands still. From then on it is looked at this often.
const STILL_AFTER_MS = 5_000;
const LOOK_MS = 1_000;

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
  await loadFaces(fontFamily);
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
    this.wantedAt = 0;
    this.visibleSince = 0;
    this.looksTooLate = 0;
    this.looking = 0;
    this.isStill = false;
    this.retry = 0;
    this.awaited = new AbortController();
    this.listeners = new AbortController();
    const call = (action) => this.call(action);
    this.glyphs = new Glyphs(options.fontFamily, module.StreetMap.glyphSize(), call);
    this.worker = new TileWorker(code, options.fontFamily, call);
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
    if (this.map) this.worker.start();
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
      this.worker.handOut(this.map);
      this.glyphs.take(this.map);
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
    this.wantedAt = performance.now();
    this.lookIn(STILL_AFTER_MS);
    this.request();
  }

  request() {
    this.scheduled = requestAnimationFrame(() => {
      this.scheduled = 0;
      this.stands(false);
      const now = performance.now();
      const more = this.call((map) => map.frame(now, now - this.wantedAt));
      if (more) this.schedule();
    });
  }

  // One timer for many frames: it fires when the first of them would be late, and then waits for as
  // much as the latest one has left. A page at rest has none.
  lookIn(ms) {
    this.looking ||= setTimeout(() => {
      this.looking = 0;
      this.look();
    }, ms);
  }

  // Notices that the browser lets no frame through. A page that was busy itself runs this timer
  // before its next frame, so one look too late means nothing yet.
  look() {
    const isWaiting = this.map && this.scheduled && document.visibilityState === "visible";
    const since = Math.max(this.wantedAt, this.visibleSince);
    const left = STILL_AFTER_MS - (performance.now() - since);
    if (!isWaiting || left > 0) {
      this.looksTooLate = 0;
      // The next frame that is wanted, or the page when it is seen again, looks anew.
      if (isWaiting) this.lookIn(left);
      return;
    }
    this.looksTooLate += 1;
    this.lookIn(LOOK_MS);
    if (this.looksTooLate < 2) return;
    this.stands(true);
    // Whoever lost the first request may hear this one.
    cancelAnimationFrame(this.scheduled);
    this.request();
  }

  stands(isStill) {
    if (this.isStill === isStill) return;
    this.isStill = isStill;
    this.options.onStill?.(isStill);
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
    const late = AbortSignal.timeout(TILE_WITHIN_MS);
    try {
      const response = await fetch(url, { signal: AbortSignal.any([this.awaited.signal, late]) });
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

  listen() {
    const { canvas } = this;
    const signal = this.listeners.signal;
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.lose("context", "the graphics context was lost");
    }, { signal });
    listenToHand(canvas, signal, (action) => this.call(action));
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.container);
    this.watchRatio();
    document.addEventListener("visibilitychange", () => {
      this.visibleSince = performance.now();
      if (this.scheduled) this.lookIn(STILL_AFTER_MS);
    }, { signal });
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
    this.worker.end();
    if (this.scheduled) cancelAnimationFrame(this.scheduled);
    if (this.retry) clearTimeout(this.retry);
    clearTimeout(this.looking);
    // Whoever builds the next map has its own picture.
    this.stands(false);
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
