// MapLibre GL JS: the same style on the same tiles, grids as a GeoJSON source, people as circles of
// a GeoJSON source (setData, updateData) or in a layer of one's own in WebGL (custom).

import * as maplibregl from "/peers/maplibre-gl/dist/maplibre-gl.mjs";

const PEOPLE = "people";
const RADIUS_PX = 4.5;
const OUTLINE_PX = 1.25;

async function style(scene, blank) {
  const document = await (await fetch(blank ? "/style-blank.json" : "/style.json")).json();
  const [minzoom, maxzoom] = scene.sourceZooms;
  document.sources = {
    base: { type: "vector", tiles: [`${location.origin}/tiles/{z}/{x}/{y}`], minzoom, maxzoom },
    grids: { type: "geojson", data: `${location.origin}/grids.geojson` },
  };
  // No icons for anybody: ours gets none here, either.
  delete document.sprite;
  document.layers.forEach(({ layout, paint }) => {
    for (const part of [layout, paint]) {
      for (const name of Object.keys(part ?? {})) if (name.startsWith("icon-")) delete part[name];
    }
  });
  // Ours takes an expression of the feature here, the specification only a constant.
  for (const { layout } of document.layers) {
    if (Array.isArray(layout?.["text-optional"])) layout["text-optional"] = true;
  }
  const symbols = document.layers.findIndex((layer) => layer.type === "symbol");
  const colour = ["match", ["get", "class"]];
  scene.gridColours.forEach((text, at) => colour.push(at, text));
  colour.push(scene.gridColours[0]);
  document.layers.splice(symbols, 0,
    { id: "grids", type: "fill", source: "grids", paint: { "fill-color": colour, "fill-antialias": false } },
    { id: "grid-outlines", type: "line", source: "grids", paint: { "line-color": scene.gridOutline, "line-width": 2 } });
  return document;
}

// `people`: what is on the map from the beginning, beside the base map and the grids.
export async function openMap({ scene, box, blank, told }, people = null) {
  const document = await style(scene, blank);
  if (people) {
    document.sources[PEOPLE] = { type: "geojson", data: people };
    document.layers.push(circles(scene));
  }
  const map = new maplibregl.Map({
    container: box,
    style: document,
    center: scene.centre,
    zoom: scene.zoom,
    fadeDuration: 0,
    interactive: false,
    attributionControl: false,
    pixelRatio: 1,
  });
  map.on("error", ({ error }) => told.failed(`GL JS: ${error}`));
  map.on("idle", () => told.idle());
  map.on("render", () => told.render());
  return map;
}

export const once = (map, name) => new Promise((done) => map.once(name, done));

function feature(scene, id, lon, lat) {
  const state = id === 0 ? 0 : 1 + (id % 2);
  return { type: "Feature", id, properties: { state }, geometry: { type: "Point", coordinates: [lon, lat] } };
}

function collection(scene, positions) {
  const features = new Array(positions.length / 2);
  for (let id = 0; id < features.length; id += 1) {
    features[id] = feature(scene, id, positions[2 * id], positions[2 * id + 1]);
  }
  return { type: "FeatureCollection", features };
}

function circles(scene) {
  const colour = ["match", ["get", "state"]];
  scene.personStates.forEach((text, at) => colour.push(at, text));
  colour.push(scene.personStates[0]);
  return {
    id: PEOPLE,
    type: "circle",
    source: PEOPLE,
    paint: {
      "circle-color": colour,
      "circle-radius": RADIUS_PX,
      "circle-stroke-width": OUTLINE_PX,
      "circle-stroke-color": scene.personOutline,
    },
  };
}

// What all contestants with this base map have in common.
export function base(map) {
  return {
    canvas: map.getCanvas(),
    async look(centre, zoom) {
      const drawn = once(map, "render");
      map.jumpTo({ center: centre, zoom });
      await drawn;
    },
    async redraw() {
      const drawn = once(map, "render");
      map.triggerRepaint();
      await drawn;
    },
    map,
  };
}

// `updating`: one that changes goes through updateData, not through setData with everybody.
export async function create(options, updating = false) {
  const { scene, frames, cold } = options;
  // From nothing to a whole picture there is no map without people in between.
  const map = await openMap(options, cold && collection(scene, frames[0]));
  await once(map, "load");
  if (!cold) {
    map.addSource(PEOPLE, { type: "geojson", data: collection(scene, frames[0]) });
    map.addLayer(circles(scene));
  }
  const source = map.getSource(PEOPLE);
  let held = frames[0];
  return {
    ...base(map),
    isShown: Boolean(cold),
    async show(positions) {
      held = positions;
      const drawn = once(map, "idle");
      source.setData(collection(scene, positions));
      await drawn;
    },
    // Hands positions over without waiting for the last ones.
    push: (positions) => source.setData(collection(scene, positions)),
    async moveOne(lon, lat) {
      const drawn = once(map, "idle");
      if (updating) {
        source.updateData({ update: [{ id: 0, newGeometry: { type: "Point", coordinates: [lon, lat] } }] });
      } else {
        held[0] = lon;
        held[1] = lat;
        source.setData(collection(scene, held));
      }
      await drawn;
    },
  };
}
