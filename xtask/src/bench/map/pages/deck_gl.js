// deck.gl with binary attributes, in its own canvas over a GL JS base map, which draws nothing while only
// people move.

import * as maplibregl from "/peers/maplibre-gl/dist/maplibre-gl.mjs";
import { base, once, openMap } from "./gl_js.js";
import { fills, rgba } from "./points.js";

const SCRIPTS = ["core", "layers", "mapbox"];

function load(name) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = `/peers/@deck.gl/${name}/dist.min.js`;
    script.onload = done;
    script.onerror = () => failed(new Error(`deck.gl's ${name} cannot be loaded`));
    document.head.append(script);
  });
}

export async function create(options) {
  const { scene, count, frames, told, cold } = options;
  globalThis.maplibregl = maplibregl;
  for (const name of SCRIPTS) await load(name);
  const { deck } = globalThis;
  // Its own frames are counted, not those of the base map below.
  const below = {
    render: () => undefined,
    idle: () => told.idle(),
    failed: (text) => told.failed(text),
  };
  const map = await openMap({ ...options, told: below });
  if (!cold) await once(map, "load");
  const colours = fills(scene, count);
  const outline = rgba(scene.personOutline).map((part) => part * 255);
  const layer = (positions) => new deck.ScatterplotLayer({
    id: "people",
    data: {
      length: count,
      attributes: {
        getPosition: { value: positions, size: 2 },
        getFillColor: { value: colours, size: 4 },
      },
    },
    radiusUnits: "pixels",
    getRadius: 5,
    lineWidthUnits: "pixels",
    getLineWidth: 1.25,
    getLineColor: outline,
    stroked: true,
  });
  let shown = () => undefined;
  const drawn = () => new Promise((done) => {
    shown = done;
  });
  const overlay = new deck.MapboxOverlay({
    interleaved: false,
    useDevicePixels: false,
    layers: [layer(frames[0])],
    onAfterRender: () => {
      told.render();
      shown();
      // Its own loop goes on while the view moves: a whole picture has both canvases drawn.
      if (map.loaded()) told.idle();
    },
    onError: (error) => told.failed(`deck.gl: ${error}`),
  });
  map.addControl(overlay);
  if (!cold) await told.quiet();
  const canvas = [...document.querySelectorAll("canvas")].find((found) => found !== map.getCanvas());
  const held = frames[0].slice();
  const moves = base(map);
  // Where nothing has changed for it, it draws only when it is told to.
  const drawnAgain = () => {
    const after = drawn();
    overlay._deck.redraw("asked");
    return after;
  };
  const show = (positions) => {
    const after = drawn();
    overlay.setProps({ layers: [layer(positions)] });
    return after;
  };
  return {
    ...moves,
    canvas,
    isShown: Boolean(cold),
    liesAbove: true,
    show,
    // A value that is the same array counts as unchanged, whatever is in it.
    moveOne(lon, lat) {
      held[0] = lon;
      held[1] = lat;
      return show(held.subarray());
    },
    async look(centre, zoom) {
      await moves.look(centre, zoom);
      await drawnAgain();
    },
    redraw: drawnAgain,
  };
}
