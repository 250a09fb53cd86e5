// Rows per second over time, for the chart: from what was seen while the page was open, and before
// that from the times that the files themselves have. Pure.

/** After how long without a newer snapshot nothing has come: one is told of whenever something comes. */
const QUIET_SECONDS = 5;

/** Moments of the files' own times are a second apart, and no more than so many; of what took less, some. */
const MOST_STEPS = 240;
const LEAST_STEPS = 20;

/** How many moments a chart holds before neighbours are put together. */
const MOST = 1200;

/** Rows that a batch has loaded so far, of finished files and of those under way. */
export const rowsOf = (snapshot) => (snapshot.totals.rows ?? 0) + (snapshot.totals.rows_in_flight ?? 0);

/**
 * A line that grows with every newer snapshot.
 *
 * @returns {{add: (snapshot: object) => boolean, quiet: (at: number) => boolean, points: () => [number, number][]}} seconds since 1970 and
 *     rows a second
 */
export function liveLine() {
  let points = [];
  let before = null;

  function push(at, value) {
    points.push([at, value]);
    if (points.length > MOST) {
      points = points.filter((_, index) => index % 2 === 1 || index > MOST / 2);
    }
  }

  return {
    add(snapshot) {
      const at = Date.parse(snapshot.now) / 1000;
      const told = snapshot.rates?.rows_per_second;
      const rows = rowsOf(snapshot);
      if (before && at - before.at < 1) {
        return false;
      }
      const measured = before ? Math.max(0, (rows - before.rows) / (at - before.at)) : null;
      const value = told ?? measured;
      before = { at, rows };
      if (value === null) {
        return false;
      }
      push(at, value);
      return true;
    },
    /** Says that it is so late, and no row came meanwhile. */
    quiet(at) {
      if (!before || at - before.at < QUIET_SECONDS) {
        return false;
      }
      before = { ...before, at };
      push(at, 0);
      return true;
    },
    points: () => points,
  };
}

/**
 * Rows a second out of files, each spread evenly over the time that it took.
 *
 * @param {object[]} files accounts of files
 * @param {number} now until when those that run have taken it, in milliseconds
 * @param {boolean} [isOpen] whether the line goes on until then
 * @returns {[number, number][]}
 */
export function fromFiles(files, now, isOpen = false) {
  const spans = files
    .filter((file) => file.rows > 0 && (file.ended_at || (file.state === "RUNNING" && file.started_at)))
    .map((file) => {
      const to = file.ended_at ? Date.parse(file.ended_at) / 1000 : now / 1000;
      const from = file.started_at ? Date.parse(file.started_at) / 1000 : to - 1;
      return { from: Math.min(from, to - 0.001), to, rows: file.rows };
    });
  if (spans.length === 0) {
    return [];
  }
  const begin = Math.min(...spans.map((span) => span.from));
  const last = Math.max(...spans.map((span) => span.to));
  const end = isOpen ? Math.max(last, now / 1000) : last;
  const steps = Math.round(Math.min(MOST_STEPS, Math.max(LEAST_STEPS, end - begin)));
  const step = Math.max((end - begin) / steps, 0.001);
  const sums = new Array(steps).fill(0);
  for (const { from, to, rows } of spans) {
    const first = Math.min(steps - 1, Math.floor((from - begin) / step));
    const until = Math.min(steps - 1, Math.floor((to - begin) / step));
    for (let at = first; at <= until; at += 1) {
      const overlap = Math.min(to, begin + (at + 1) * step) - Math.max(from, begin + at * step);
      sums[at] += (rows * Math.max(0, overlap)) / (to - from);
    }
  }
  return sums.map((sum, at) => [begin + (at + 0.5) * step, sum / step]);
}

/** The history of the files up to where the page itself began to look, and from there what it saw. */
export function joined(history, live) {
  const from = live.length ? live[0][0] : Infinity;
  return [...history.filter(([at]) => at < from), ...live];
}

/** The figures of a line, for those who do not see it. */
export function inWords(points) {
  if (points.length === 0) {
    return null;
  }
  const values = points.map(([, value]) => value);
  return { last: values[values.length - 1], most: Math.max(...values) };
}
