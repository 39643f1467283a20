// Builds tiles beside the page's thread, with an instance of the map module of its own.
//
// In: { code } once, the compiled module; then jobs { id, key, bytes, style }, where `style` is
// there when it differs from the job before. Out: { ready }, { id, parcel }, { id, failed } for a
// bad tile, { trap } when the instance is lost.

import init, { TileBuilder } from "./street_map.js";

let builder = null;
let fault = "";
globalThis.streetMapFault = (text) => {
  fault = text;
};

self.onmessage = async ({ data }) => {
  try {
    if (data.code) {
      await init({ module_or_path: data.code });
      self.postMessage({ ready: true });
      return;
    }
    if (data.style !== undefined) {
      builder?.free();
      builder = new TileBuilder(data.style);
    }
    const parcel = builder.build(data.key, data.bytes);
    self.postMessage({ id: data.id, parcel }, [parcel.buffer]);
  } catch (error) {
    const lost = data.code || error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    self.postMessage(lost ? { trap: fault || String(error) } : { id: data.id, failed: String(error) });
  }
};
