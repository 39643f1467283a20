// The page's side of the worker that builds tiles (street_map_worker.js): starts it, gives it its jobs,
// watches it, and replaces it when it is lost.

// A worker that takes longer for one tile, or for its start, is ended.
const JOB_LIMIT_S = 10;
// With so many workers lost within this time there is no further one for as long.
const MOST_LOSSES = 5;
const MOST_FAILED_STARTS = 2;
const LOSSES_WITHIN_MS = 60_000;

// `code` is the compiled module, `fontFamily` what labels are drawn in, `call` hands an action on to the map as it
// is then.
export class TileWorker {
  constructor(code, fontFamily, call) {
    this.code = code;
    this.fontFamily = fontFamily;
    this.call = call;
    this.worker = null;
    this.watch = 0;
    this.losses = [];
    this.ended = false;
  }

  start() {
    this.open();
  }

  // Takes the worker down for good.
  end() {
    this.ended = true;
    this.close();
    clearTimeout(this.pause);
  }

  // Gives the worker what the map has for it.
  handOut(map) {
    if (!this.worker || !this.ready) return;
    for (let job = map.nextJob(); job; job = map.nextJob()) {
      const { id, key, bytes, styleEpoch } = job;
      job.free();
      const style = styleEpoch === this.styleEpoch ? undefined : map.styleJson();
      this.styleEpoch = styleEpoch;
      this.jobs.add(id);
      this.worker.postMessage({ id, key, bytes, style }, [bytes.buffer]);
      this.keepWatch();
    }
  }

  // Tiles are decoded and tessellated in a worker. Only where none starts the map builds them itself.
  open() {
    let worker;
    try {
      worker = new Worker(new URL("./street_map_worker.js", import.meta.url), { type: "module" });
    } catch (error) {
      this.buildHere(error);
      return;
    }
    this.worker = worker;
    this.ready = false;
    // The jobs that it has, the one under way first.
    this.jobs = new Set();
    this.styleEpoch = null;
    worker.onerror = (event) => {
      if (worker === this.worker) this.lose(this.underWay(), event.message || "it failed");
    };
    worker.onmessage = ({ data }) => {
      // An ended worker may have left something in the queue.
      if (worker !== this.worker) return;
      if (data.trap) {
        this.lose(data.id, data.trap);
        return;
      }
      this.jobs.delete(data.id);
      if (data.ready) {
        this.ready = true;
        this.call(() => undefined);
      } else if (data.failed) this.call((map) => map.jobFailed(data.id, data.failed));
      else this.call((map) => map.jobDone(data.id, data.parcel, data.heapBytes));
    };
    worker.postMessage({ code: this.code, fontFamily: this.fontFamily });
    this.keepWatch();
    // Tiles wait until it is ready, and what the worker before it had is handed out again.
    this.call((map) => map.buildOutside(true));
  }

  underWay() {
    return this.jobs.values().next().value;
  }

  // The worker is gone, in the middle of a job if one is named. That job's tile is left out, as it
  // would end the next worker or the map itself too. The other jobs wait for the next worker: after
  // such a tile the map builds nothing itself, or it might be the one to end, and be built anew, and
  // meet the tile again. Only where workers do not even start is there no other way.
  lose(job, reason) {
    this.close();
    if (job !== undefined) this.call((map) => map.jobFailed(job, reason));
    if (this.ended) return;
    const now = performance.now();
    this.losses = this.losses.filter((at) => now - at < LOSSES_WITHIN_MS);
    this.losses.push(now);
    const most = job === undefined ? MOST_FAILED_STARTS : MOST_LOSSES;
    if (this.losses.length < most) {
      console.warn(`the tile worker ended, another one is started: ${reason}`);
      this.open();
    } else if (job !== undefined) {
      console.warn(`the tile worker ended again, another one is started in a minute: ${reason}`);
      this.pause = setTimeout(() => this.open(), LOSSES_WITHIN_MS);
    } else {
      this.buildHere(reason);
    }
  }

  buildHere(reason) {
    console.warn(`there is no tile worker, tiles are built on the page's own thread: ${reason}`);
    this.call((map) => map.buildOutside(false));
  }

  // Only while there is something to watch: a page at rest has no timers.
  keepWatch() {
    this.watch ||= setInterval(() => this.look(), 1000);
  }

  endWatch() {
    clearInterval(this.watch);
    this.watch = 0;
    this.watched = undefined;
  }

  // Every second. Seconds are counted rather than measured, so that a machine that slept, or a page
  // that was held up, does not make a job look slow.
  look() {
    const busy = this.ready ? this.underWay() : "start";
    if (busy === undefined) {
      this.endWatch();
      return;
    }
    if (busy !== this.watched) {
      this.watched = busy;
      this.busySeconds = 0;
      return;
    }
    this.busySeconds += 1;
    if (this.busySeconds < JOB_LIMIT_S) return;
    const job = this.ready ? busy : undefined;
    this.lose(job, `it took more than ${JOB_LIMIT_S} s`);
  }

  close() {
    this.worker?.terminate();
    this.worker = null;
    this.endWatch();
  }
}
