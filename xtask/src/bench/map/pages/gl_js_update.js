// MapLibre GL JS where the one that changes goes through updateData.

import { create as createAny } from "./gl_js.js";

export const create = (options) => createAny(options, true);
