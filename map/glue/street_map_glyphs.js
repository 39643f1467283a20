// Rasterises the glyphs that the map asks for, on a 2D canvas.

const FACES = ["400", "700", "italic 400"];
const GLYPHS_PER_TURN = 96;

function fontOf(face, size, fontFamily) {
  return `${FACES[face] ?? FACES[0]} ${size}px ${fontFamily}`;
}

// How far each character moves the pen, in font sizes, as the glyphs below will have it: measured at their size,
// and also where there is no document.
export class Ruler {
  constructor(fontFamily, size) {
    this.fontFamily = fontFamily;
    this.size = size;
    this.context = new OffscreenCanvas(1, 1).getContext("2d");
  }

  advance(face, codePoint) {
    this.context.font = fontOf(face, this.size, this.fontFamily);
    return this.context.measureText(String.fromCodePoint(codePoint)).width / this.size;
  }
}

// Loads the faces, so that no glyph is drawn with another font.
export async function loadFaces(fontFamily) {
  if (!document.fonts) return;
  await Promise.all(FACES.map((face) => document.fonts.load(`${face} 36px ${fontFamily}`, "街A")))
    .catch(() => undefined);
}

// `call` hands an action on to the map as it is then.
export class Glyphs {
  constructor(fontFamily, size, call) {
    this.pen = new GlyphPen(fontFamily, size);
    this.call = call;
    this.queue = [];
    this.drawing = false;
  }

  take(map) {
    const wanted = map.glyphsWanted();
    for (let at = 0; at + 1 < wanted.length; at += 2) {
      this.queue.push([wanted[at], wanted[at + 1]]);
    }
    if (this.queue.length && !this.drawing) {
      this.drawing = true;
      queueMicrotask(() => this.draw());
    }
  }

  // A few at a time, so that a map full of names does not hold up a frame.
  draw() {
    const turn = this.queue.splice(0, GLYPHS_PER_TURN);
    this.call((map) => {
      for (const [face, codePoint] of turn) {
        const glyph = this.pen.draw(face, String.fromCodePoint(codePoint));
        map.glyphArrived(face, codePoint, glyph.width, glyph.height, glyph.left, glyph.top,
          glyph.advance, glyph.coverage);
      }
    });
    if (this.queue.length) setTimeout(() => this.draw(), 0);
    else this.drawing = false;
  }
}

class GlyphPen {
  constructor(fontFamily, size) {
    this.fontFamily = fontFamily;
    this.size = size;
    const side = Math.ceil(size * 2.5);
    const canvas = document.createElement("canvas");
    canvas.width = side;
    canvas.height = side;
    this.side = side;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.context.textBaseline = "alphabetic";
    // Only the coverage is read.
    this.context.fillStyle = "white";
  }

  draw(face, text) {
    const { context, side, size } = this;
    context.font = fontOf(face, size, this.fontFamily);
    const measured = context.measureText(text);
    const left = Math.floor(-measured.actualBoundingBoxLeft) - 1;
    const right = Math.ceil(measured.actualBoundingBoxRight) + 1;
    const top = Math.ceil(measured.actualBoundingBoxAscent) + 1;
    const bottom = Math.ceil(measured.actualBoundingBoxDescent) + 1;
    const width = Math.min(right - left, side);
    const height = Math.min(top + bottom, side);
    const advance = measured.width;
    const blank = { width: 0, height: 0, left: 0, top: 0, advance, coverage: new Uint8Array(0) };
    if (text.trim() === "" || width <= 2 || height <= 2) return blank;
    context.clearRect(0, 0, side, side);
    context.fillText(text, -left, top);
    const pixels = context.getImageData(0, 0, width, height).data;
    const coverage = new Uint8Array(width * height);
    for (let at = 0; at < coverage.length; at += 1) coverage[at] = pixels[at * 4 + 3];
    return { width, height, left, top, advance, coverage };
  }
}
