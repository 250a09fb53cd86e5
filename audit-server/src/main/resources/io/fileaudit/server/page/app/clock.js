// The server's time. A browser's clock may be wrong by hours, so nothing is measured by it: it only
// tells how much time has passed since the server last said what time it is.

/** How far an answer that says an earlier time than expected may lie back without being believed. */
const JITTER_MILLIS = 2000;

/**
 * Makes a clock.
 *
 * @param {() => number} [ticks] milliseconds that only ever rise, from any beginning
 */
export function serverClock(ticks = () => performance.now()) {
  let offset = null;

  return {
    /** Takes a time that the server told just now. What was under way for long seems late: the latest counts. */
    hear(iso) {
      const told = Date.parse(iso ?? "");
      if (Number.isNaN(told)) {
        return;
      }
      const heard = told - ticks();
      if (offset === null || heard > offset || offset - heard > JITTER_MILLIS) {
        offset = heard;
      }
    },
    /** Whether the server has told a time at all. */
    isSet: () => offset !== null,
    /** Milliseconds since 1970 by the server; by this machine, as long as it has told nothing. */
    now: () => (offset === null ? Date.now() : offset + ticks()),
  };
}
