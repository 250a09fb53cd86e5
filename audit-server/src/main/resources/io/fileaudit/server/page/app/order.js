// In which order batches stand: what needs a person comes first, then the newest. Pure.

import { isOpen, shownStatus } from "./status.js";

/** For how long a batch that ended badly is put before those that run. */
export const RECENT_MILLIS = 24 * 3600 * 1000;

const RANK = {
  TIMED_OUT: 1,
  STALLED: 2,
  SILENT: 3,
  OVER_LIMIT: 4,
  FAILED: 5,
  INCOMPLETE: 6,
};

const load = (snapshot) => (snapshot.table ? `${snapshot.table}\n${snapshot.period ?? ""}` : null);

/**
 * How urgently a batch needs a person: 1 most, `Infinity` not at all.
 *
 * @param snapshot the batch
 * @param {number} now milliseconds by the server's clock
 * @param {boolean} [superseded] whether a later load of the same table and period is running or done
 */
export function rank(snapshot, now, superseded = false) {
  const place = RANK[shownStatus(snapshot)] ?? Infinity;
  if (isOpen(snapshot) || place === Infinity) {
    return place;
  }
  const recent = now - Date.parse(snapshot.ended_at) < RECENT_MILLIS;
  return recent && !superseded ? place : Infinity;
}

/** Newest first; of batches opened in the same moment the greater id, as the service has it. */
export function byAge(one, other) {
  return Date.parse(other.opened_at) - Date.parse(one.opened_at) || (one.id < other.id ? 1 : -1);
}

/**
 * Parts batches into those that need a person, the most urgent first, and the rest, newest first.
 *
 * @param {Iterable<object>} snapshots
 * @param {number} now milliseconds by the server's clock
 */
export function arrange(snapshots, now) {
  const all = [...snapshots].sort(byAge);
  const newest = new Map();
  for (const snapshot of all) {
    const key = snapshot.parent ? null : load(snapshot);
    if (key && !newest.has(key)) {
      newest.set(key, snapshot);
    }
  }
  const attention = [];
  const rest = [];
  for (const snapshot of all) {
    const later = snapshot.parent ? undefined : newest.get(load(snapshot));
    const superseded =
      later !== undefined && later.id !== snapshot.id && (isOpen(later) || later.status === "COMPLETED");
    const place = rank(snapshot, now, superseded);
    if (place === Infinity) {
      rest.push(snapshot);
    } else {
      attention.push([place, snapshot]);
    }
  }
  attention.sort(([one, a], [other, b]) => one - other || byAge(a, b));
  return { attention: attention.map(([, snapshot]) => snapshot), rest };
}
