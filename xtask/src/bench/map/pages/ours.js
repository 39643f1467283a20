// Our map, as the hall ships it: the module with its own glue, fed with messages of map_protocol.

import { createMap } from "/ours/street_map_frame.js";

const STEPS = 4294967296;

async function bytes(path) {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

// The same bytes with the one at `first` on a multiple of four, and the words from there on.
function wordsFrom(message, first) {
  const lead = (4 - (first % 4)) % 4;
  const aligned = new Uint8Array(new ArrayBuffer(lead + message.length + 3), lead, message.length);
  aligned.set(message);
  const count = Math.floor((message.length - first) / 4);
  return [aligned, new Uint32Array(aligned.buffer, lead + first, count)];
}

// Writes fixed-point positions of a crowd: the Mercator latitude to the third order around the
// middle of the scene, which is exact to a step (9 mm) within a quarter of a degree, so that nothing but sums and
// products is left for each.
function crowdWriter([, latitude], words, step) {
  const middle = (latitude * Math.PI) / 180;
  const secant = 1 / Math.cos(middle);
  const tangent = Math.tan(middle);
  const turn = STEPS / (2 * Math.PI);
  const radian = Math.PI / 180;
  const south = STEPS / 2 - turn * Math.atanh(Math.sin(middle));
  const first = -turn * secant * radian;
  const second = (-turn * secant * tangent * radian ** 2) / 2;
  const third = (-turn * secant * (1 + 2 * tangent ** 2) * radian ** 3) / 6;
  const perDegree = STEPS / 360;
  return (positions) => {
    for (let from = 0, at = 0; from < positions.length; from += 2, at += step) {
      const north = positions[from + 1] - latitude;
      words[at] = positions[from] * perDegree + STEPS / 2;
      words[at + 1] = south + north * (first + north * (second + north * third));
    }
  };
}

function writePosition(view, at, lon, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  view.setUint32(at, (lon / 360 + 0.5) * STEPS, true);
  view.setUint32(at + 4, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * STEPS, true);
}

export async function create({ scene, box, count, blank, told }) {
  // The glue asked for its frame before, so that it was drawn when this resolves.
  const drawn = () => new Promise((done) => {
    requestAnimationFrame(() => {
      told.render();
      done();
    });
  });
  const map = await createMap(box, {
    label: "map",
    onMessage: (message) => {
      if (message[0] === scene.ours.idleTag) {
        told.idle();
      }
    },
    onLost: (reason, detail) => told.failed(`the map was lost (${reason}): ${detail}`),
  });
  map.send(await bytes(blank ? "/init-blank.bin" : "/init.bin"));
  map.send(await bytes("/grids.bin"));
  const { first, stride } = scene.ours.people;
  const [all, words] = wordsFrom(await bytes(`/people-${count}.bin`), first);
  const write = crowdWriter(scene.centre, words, stride / 4);
  const one = new Uint8Array(scene.ours.one.bytes);
  const oneView = new DataView(one.buffer);
  const redraw = new Uint8Array(scene.ours.redraw);
  const nothing = new Uint8Array(scene.ours.nothing);
  const look = new Uint8Array(scene.ours.look.bytes);
  const lookView = new DataView(look.buffer);
  return {
    canvas: map.canvas,
    async show(positions) {
      write(positions);
      map.send(all);
      await drawn();
    },
    async moveOne(lon, lat) {
      writePosition(oneView, scene.ours.one.at, lon, lat);
      map.send(one);
      await drawn();
    },
    async look([lon, lat], zoom) {
      [lon, lat, zoom].forEach((number, at) => {
        lookView.setFloat64(scene.ours.look.at + 8 * at, number, true);
      });
      map.send(look);
      await drawn();
    },
    // A frame in which nothing has changed.
    async redraw() {
      map.send(nothing);
      await drawn();
    },
    // Lets the next frame draw base map and grids anew, though nothing of them changes.
    redrawAll: () => map.send(redraw),
    map,
  };
}
