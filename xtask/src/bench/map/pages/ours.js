// Our map, as the hall ships it: the module with its own glue, fed with messages of map_protocol.

import { createMap } from "/ours/street_map_frame.js";

const STEPS = 4294967296;

async function bytes(path) {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
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
  const all = await bytes(`/people-${count}.bin`);
  const allView = new DataView(all.buffer);
  const { first, stride } = scene.ours.people;
  const one = new Uint8Array(scene.ours.one.bytes);
  const oneView = new DataView(one.buffer);
  const redraw = new Uint8Array(scene.ours.redraw);
  const look = new Uint8Array(scene.ours.look.bytes);
  const lookView = new DataView(look.buffer);
  return {
    canvas: map.canvas,
    async show(positions) {
      for (let person = 0, at = first; person < count; person += 1, at += stride) {
        writePosition(allView, at, positions[2 * person], positions[2 * person + 1]);
      }
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
    // Lets the next frame draw base map and grids anew, though nothing of them changes.
    redrawAll: () => map.send(redraw),
    map,
  };
}
