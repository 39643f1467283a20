// MapLibre GL JS with the people in a layer of one's own: its base map, our own WebGL2 points.

import { base, once, openMap } from "./gl_js.js";
import { Points } from "./points.js";

export async function create(options) {
  const { scene, count, frames } = options;
  const map = await openMap(options);
  await once(map, "load");
  let points = null;
  map.addLayer({
    id: "people",
    type: "custom",
    renderingMode: "2d",
    onAdd: (_, gl) => {
      points = new Points(gl, scene, count);
      points.write(frames[0]);
    },
    render: () => points.draw(),
  });
  const drawn = async (change) => {
    const shown = once(map, "render");
    change();
    map.triggerRepaint();
    await shown;
  };
  return {
    ...base(map),
    show: (positions) => drawn(() => points.write(positions)),
    moveOne: (lon, lat) => drawn(() => points.writeOne(0, lon, lat)),
  };
}
