// Rows per second over time, for the chart: from what was seen while the page was open, and before
// that from the times that the files themselves have. Pure.

/** Over how long a rate is taken: loaders report in steps, and steps are no speed. */
const WINDOW_SECONDS = 30;

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
 * Rows a second at present. The service tells it over a window, and only when something came: where nothing
 * comes any more the window empties.
 *
 * @param snapshot an open batch
 * @param {number} now milliseconds by the server's clock
 */
export function currentRate(snapshot, now) {
  const { rates, elapsed_seconds: elapsed } = snapshot;
  if (!rates) {
    return elapsed > 0 ? snapshot.totals.rows / elapsed : null;
  }
  const age = Math.max(0, (now - Date.parse(snapshot.now)) / 1000);
  return rates.rows_per_second * Math.max(0, 1 - age / rates.window_seconds);
}

/**
 * A line that grows with every newer snapshot: rows a second over the last half minute.
 *
 * @returns {{add: (snapshot: object) => boolean, quiet: (at: number) => boolean, points: () => [number, number][]}}
 *     seconds since 1970 and rows a second
 */
export function liveLine() {
  let points = [];
  /** What was seen within the window, and the one before. */
  let seen = [];
  /** How fast it went before the first look; null where nobody said. */
  let told = null;

  /** Rows at a time: between two looks they rose evenly. */
  function rowsAt(at) {
    const after = seen.findIndex((each) => each.at >= at);
    if (after === 0) {
      return seen[0].rows - (told ?? 0) * (seen[0].at - at);
    }
    const [one, other] = [seen[after - 1], seen[after]];
    return one.rows + ((other.rows - one.rows) * (at - one.at)) / (other.at - one.at);
  }

  function look(at, rows) {
    seen.push({ at, rows });
    while (seen.length > 2 && seen[1].at <= at - WINDOW_SECONDS) {
      seen.shift();
    }
    if (seen.length === 1 && told === null) {
      return false;
    }
    const from = told === null ? Math.max(seen[0].at, at - WINDOW_SECONDS) : at - WINDOW_SECONDS;
    points.push([at, Math.max(0, (rows - rowsAt(from)) / (at - from))]);
    if (points.length > MOST) {
      points = points.filter((_, index) => index % 2 === 1 || index > MOST / 2);
    }
    return true;
  }

  const last = () => seen[seen.length - 1];

  return {
    add(snapshot) {
      const at = Date.parse(snapshot.now) / 1000;
      if (seen.length === 0) {
        told = snapshot.rates?.rows_per_second ?? null;
      } else if (at - last().at < 1) {
        return false;
      }
      return look(at, rowsOf(snapshot));
    },
    /** Says that it is so late, and no row came meanwhile. */
    quiet: (at) => seen.length > 0 && at - last().at >= QUIET_SECONDS && look(at, last().rows),
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
