// Which of two accounts of a batch is the newer one. Pure.

/**
 * Whether `next` may take the place of `known`: answers and feeds overtake one another, and what is
 * older must not undo what was seen. At the same run and version only flags and clocks differ, and
 * those of the later reading hold.
 */
export function isNewer(known, next) {
  if (!known) {
    return true;
  }
  if (next.run !== known.run) {
    return next.run > known.run;
  }
  if (next.version !== known.version) {
    return next.version > known.version;
  }
  return Date.parse(next.now) >= Date.parse(known.now);
}

/**
 * The newer of the two. Figures that only some answers carry are kept from the older one: a list has
 * no `usual`, and a feed need not have it.
 */
export function merge(known, next) {
  if (!isNewer(known, next)) {
    return known;
  }
  return known && next.usual == null && known.usual != null && next.run === known.run
    ? { ...next, usual: known.usual }
    : next;
}

/** Whether a list with those filters would show a batch, as the service itself would judge. */
export function fits(snapshot, filters) {
  const contains = (text) => (text ?? "").toLowerCase().includes(filters.q.toLowerCase());
  return (
    (!filters.status?.length || filters.status.includes(snapshot.status)) &&
    (!filters.table || snapshot.table === filters.table) &&
    (!filters.period || snapshot.period === filters.period) &&
    (!filters.q || contains(snapshot.name) || contains(snapshot.table) || contains(snapshot.period))
  );
}
