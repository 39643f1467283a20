// Builds tiles beside the page's thread, with an instance of the map module of its own, and sets the texts of
// their labels.
//
// In: { code, fontFamily } once, the compiled module and what labels are drawn in; then jobs { id, key,
// bytes, style }, where `style` is there when it differs from the job before. Out: { ready }, { id, parcel,
// heapBytes }, { id, failed } for a bad tile, { id, trap } when the instance is lost, with the job that it
// was lost in. After that it
// does nothing more: its memory cannot be trusted.

import init, { StreetMap, TileBuilder } from "./street_map.js";
import { Ruler } from "./street_map_glyphs.js";

let builder = null;
let fontFamily = "";
let lost = false;
let fault = "";
globalThis.streetMapFault = (text) => {
  fault = text;
};

self.onmessage = async ({ data }) => {
  if (lost) return;
  try {
    if (data.code) {
      await init({ module_or_path: data.code });
      fontFamily = data.fontFamily;
      self.postMessage({ ready: true });
      return;
    }
    if (data.style !== undefined) {
      builder?.free();
      builder = new TileBuilder(data.style, newRuler());
    }
    const parcel = builder.build(data.key, data.bytes);
    self.postMessage({ id: data.id, parcel, heapBytes: TileBuilder.heapBytes() }, [parcel.buffer]);
  } catch (error) {
    lost = Boolean(data.code) || error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    const text = String(error?.message || error);
    self.postMessage(lost ? { id: data.id, trap: fault || text } : { id: data.id, failed: text });
  }
};

// Without one the page sets the texts when it places them. A builder keeps what it is given, so each has its own.
function newRuler() {
  try {
    return new Ruler(fontFamily, StreetMap.glyphSize());
  } catch {
    return undefined;
  }
}
