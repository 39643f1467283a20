// The floor that, as our map, keeps a picture of what lies below the people.

import { create as createAny } from "./floor.js";

export const create = (options) => createAny(options, true);
