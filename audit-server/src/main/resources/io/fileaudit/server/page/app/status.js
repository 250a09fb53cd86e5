// What the status of a batch means to people: a word, a shape and a colour, and the sentence that
// says what is wrong. Pure.

import { count, duration, isoSeconds, roughly, secondsBetween, things } from "./format.js";

/** Statuses in which a batch still lives. */
export const OPEN = ["PENDING", "RUNNING"];

/** Every status of a batch, in the order in which filters show them. */
export const STATUSES = ["RUNNING", "PENDING", "TIMED_OUT", "FAILED", "INCOMPLETE", "CANCELLED", "COMPLETED"];

/** Every state of a file, likewise. */
export const STATES = ["FAILED", "RUNNING", "EXPECTED", "DISCOVERED", "SKIPPED", "COMPLETED"];

export const isOpen = (snapshot) => OPEN.includes(snapshot.status);

/** `TIMED OUT`. */
export const word = (status) => String(status ?? "").replaceAll("_", " ");

/** `Timed out`: where there are many of them, and none should shout. */
export const calmWord = (status) => word(status).charAt(0) + word(status).slice(1).toLowerCase();

/**
 * What a batch shows as: its status, or the flag that matters more while it is open.
 *
 * @returns {string} `STALLED`, `SILENT`, `OVER_LIMIT`, `SLOW` or a status
 */
export function shownStatus(snapshot) {
  if (!isOpen(snapshot)) {
    return snapshot.status;
  }
  const flags = snapshot.flags ?? [];
  const flag = ["silent", "stalled", "over_limit", "slow"].find((each) => flags.includes(each));
  return flag ? flag.toUpperCase() : snapshot.status;
}

/**
 * The words beside a batch's status, without the status: empty where there is nothing to say.
 *
 * @param snapshot the batch
 * @param {number} now milliseconds by the server's clock
 */
export function detail(snapshot, now) {
  const at = new Date(now).toISOString();
  switch (shownStatus(snapshot)) {
    case "SILENT":
      return `${roughly(silentSeconds(snapshot, at))}${limited(snapshot, "idle")}`;
    case "STALLED":
      return `alive, no progress for ${roughly(secondsBetween(snapshot.last_progress_at ?? snapshot.started_at, at))}`;
    case "OVER_LIMIT":
      return `${roughly(secondsBetween(snapshot.started_at ?? snapshot.opened_at, at))}${limited(snapshot, snapshot.started_at ? "operation" : "start")}`;
    case "SLOW":
      return `${roughly(secondsBetween(snapshot.started_at, at))} (usually ${roughly(snapshot.usual?.median_seconds)})`;
    case "PENDING":
      return "no event yet";
    case "RUNNING":
      return "";
    default:
      return ended(snapshot.verdict);
  }
}

/** `TIMED OUT · silent 30m02s (limit 30m)`. */
export function phrase(snapshot, now) {
  const more = detail(snapshot, now);
  const name = word(shownStatus(snapshot));
  return more ? `${name} · ${more}` : name;
}

/** How long nothing was heard of an open batch. */
export function silentSeconds(snapshot, at) {
  return secondsBetween(snapshot.last_activity_at ?? snapshot.opened_at, at);
}

function limited(snapshot, name) {
  const after = isoSeconds(snapshot.limits?.[name]?.after);
  return after === null ? "" : ` (limit ${duration(after)})`;
}

/** Why a run ended. */
export function ended(verdict) {
  if (!verdict) {
    return "";
  }
  const after = isoSeconds(verdict.after);
  const limit = after === null ? "" : ` (limit ${duration(after)})`;
  const since = (from) => duration(secondsBetween(from ?? verdict.opened_at, verdict.decided_at));
  switch (verdict.reason) {
    case "IDLE":
      return `silent ${since(verdict.last_activity_at)}${limit}`;
    case "DEADLINE":
      return `ran ${since(verdict.started_at)}${limit}`;
    case "NEVER_STARTED":
      return `no event in ${since(verdict.opened_at)}${limit}`;
    case "NO_PROGRESS":
      return `no progress for ${since(verdict.last_progress_at)}${limit}`;
    case "PARENT_ENDED":
      return "with its parent";
    case "RESUMED":
      return `run ${verdict.run}`;
    default:
      return findings(verdict.findings) || (verdict.status === "COMPLETED" ? "" : (verdict.message ?? ""));
  }
}

const FINDINGS = [
  ["failed", "failed"],
  ["unfinished", "unfinished"],
  ["missing", "missing"],
  ["short", "short of what was expected"],
  ["refused", "refused events"],
  ["sub_batches", "sub-batches not completed"],
  ["rejected_rows", "rejected rows too many"],
  ["skipped", "skipped files too many"],
  ["zero_rows", "without a row"],
];

/** `2 failed, 1 missing`: what the account held against completing. */
export function findings(found) {
  return FINDINGS.filter(([name]) => found?.[name] > 0)
    .map(([name, text]) => `${count(found[name])} ${text}`)
    .join(", ");
}

/** The files of a batch that have an ending. */
export const endedFiles = (files) => (files.completed ?? 0) + (files.failed ?? 0) + (files.skipped ?? 0);

/** All files of a batch that anything is known of. */
export const knownFiles = (files) =>
  endedFiles(files) + (files.running ?? 0) + (files.discovered ?? 0) + (files.missing ?? 0);

/**
 * How far a batch is: a share only where it is known how many files there will be.
 *
 * @returns {{share: number|null, text: string}}
 */
export function progress(snapshot) {
  const files = snapshot.totals.files;
  const done = endedFiles(files);
  if (files.expected > 0) {
    return {
      share: Math.min(1, snapshot.progress ?? done / files.expected),
      text: `${count(done)} of ${count(files.expected)}`,
    };
  }
  const running = files.running > 0 ? `, ${count(files.running)} running` : "";
  return { share: null, text: `${things(done, "file")}${running}` };
}

/** What a batch is called: its name, else its table and period, else its id. */
export function title(snapshot) {
  return snapshot.name ?? ([snapshot.table, snapshot.period].filter(Boolean).join(" ") || snapshot.id);
}

/** One sentence of a verdict for the timeline and for those who listen to the page. */
export function verdictText(verdict) {
  if (verdict.reason === "RESUMED") {
    return `Run ${verdict.run} began`;
  }
  const why = ended(verdict);
  return why ? `${word(verdict.status)} · ${why}` : word(verdict.status);
}
