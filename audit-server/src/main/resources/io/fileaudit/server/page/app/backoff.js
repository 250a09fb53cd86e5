// How long to wait before trying again. Pure.

const FIRST_SECONDS = 1;
const LONGEST_SECONDS = 30;

/**
 * Seconds before the n-th try in a row, from 0: twice as long each time, and by chance between half
 * and all of that, so that a restarted service is not met by all its watchers at once.
 */
export function backoff(tries, random = Math.random) {
  const most = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(tries, 10));
  return most * (0.5 + random() / 2);
}
