// The hand on the map: pointer, fingers, wheel and keys of the canvas go to the module.

const WHEEL_LINE_PX = 40;
const WHEEL_PAGE_PX = 400;

// Listens until the signal; `call` hands an action on to the map as it is then.
export function listenToHand(canvas, signal, call) {
  const on = (name, action, more) => canvas.addEventListener(name, action, { signal, ...more });
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const point = (action) => (event) => {
    const [x, y] = at(event);
    call((map) => {
      action(map, x, y, event);
      canvas.style.cursor = map.cursor();
    });
  };
  on("pointerdown", point((map, x, y, event) => {
    if (event.button !== 0) return;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch") map.fingerDown(event.pointerId, x, y, performance.now());
    else if (event.shiftKey) map.boxStarted(x, y);
    else map.pointerPressed(x, y, performance.now());
  }));
  on("pointermove", point((map, x, y, event) => {
    if (event.pointerType === "touch") map.fingerMoved(event.pointerId, x, y, performance.now());
    else if (event.isPrimary) map.pointerMoved(x, y, performance.now());
  }));
  on("pointerup", point((map, x, y, event) => {
    if (event.pointerType === "touch") map.fingerUp(event.pointerId, x, y, performance.now());
    else if (event.button === 0 && event.isPrimary) map.pointerReleased(x, y, performance.now());
  }));
  on("pointercancel", () => call((map) => map.fingersGone()));
  on("pointerleave", (event) => {
    // A lifted finger leaves too, while another may still be down.
    if (event.pointerType !== "touch") call((map) => map.pointerLeft());
  });
  on("dblclick", point((map, x, y, event) => map.doubleClicked(x, y, event.shiftKey)));
  on("wheel", (event) => {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? WHEEL_LINE_PX : event.deltaMode === 2 ? WHEEL_PAGE_PX : 1;
    const [x, y] = at(event);
    const travel = event.deltaY * unit;
    // Browsers tell of two fingers on a trackpad in this way.
    call((map) => (event.ctrlKey ? map.trackpadPinched(x, y, travel) : map.wheel(x, y, travel)));
  }, { passive: false });
  on("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (!call((map) => map.keyPressed(event.key, event.shiftKey))) return;
    event.preventDefault();
    // What Escape has ended here must not end something else outside as well.
    if (event.key === "Escape") event.stopPropagation();
  });
}
