// The verdicts of a batch in their order, each with the evidence that it was judged by.

import { badge } from "./badge.js";
import { facts, trouble } from "./dialogs.js";
import { calmly, fillWith, h } from "./dom.js";
import { count, duration, fullMoment, isoSeconds, secondsBetween } from "./format.js";
import { seal } from "./seal.js";
import { ended, findings, word } from "./status.js";

const REASONS = {
  RESUMED: "resumed",
  DEADLINE: "the operation limit was over",
  IDLE: "nothing was heard for as long as the idle limit",
  NEVER_STARTED: "no event came within the start limit",
  NO_PROGRESS: "no file got on for as long as the progress limit",
  PARENT_ENDED: "its parent ended",
};

const at = (iso) => (iso ? h("time", { datetime: iso }, fullMoment(iso)) : null);

function before(iso, verdict) {
  const seconds = secondsBetween(iso, verdict.decided_at);
  return iso ? h("span", null, at(iso), h("span", { class: "faint" }, ` (${duration(seconds)} before)`)) : null;
}

function entry(verdict) {
  const after = isoSeconds(verdict.after);
  const sign = badge(verdict.reason === "RESUMED" ? "RUNNING" : verdict.status, ended(verdict));
  return h(
    "li",
    { data: { verdict: verdict.seq, status: verdict.status, reason: verdict.reason } },
    h("div", { class: "verdict-head" }, sign.element, at(verdict.decided_at)),
    facts([
      ["Reason", verdict.reason === "REQUESTED" ? `${word(verdict.requested ?? verdict.status)} was asked for` : (REASONS[verdict.reason] ?? verdict.reason)],
      ["Said", verdict.message],
      ["Account", findings(verdict.findings)],
      ["Limit", verdict.limit ? `${verdict.limit}${after === null ? "" : `, ${duration(after)}`}` : null],
      ["Run opened", before(verdict.opened_at, verdict)],
      ["First event", before(verdict.started_at, verdict)],
      ["Last heard", before(verdict.last_activity_at, verdict)],
      ["Last progress", before(verdict.last_progress_at, verdict)],
      ["By", verdict.by],
      ["Node", verdict.node],
      ["Run", String(verdict.run)],
      ["Ledger", `number ${count(verdict.seq)}`],
    ]),
  );
}

/** The part `#verdicts` of a batch. */
export function verdicts(page, id) {
  const list = h("ol", { class: "timeline", id: "verdicts" });
  const sealed = seal(page, id);
  const element = h("section", { "aria-label": "Verdicts", data: { part: "verdicts" } }, sealed.element, list);
  let known = null;

  const readSoon = calmly(500, async () => {
    sealed.read();
    try {
      const { items } = await page.calls.get(`/batches/${id}/verdicts`);
      fillWith(list, items.length > 0 ? items.map(entry).reverse() : h("li", { class: "none" }, "No verdict yet: the batch is open in its first run."));
    } catch (problem) {
      known = null;
      trouble(list, problem);
    }
  });

  return {
    element,
    show() {},
    set(snapshot) {
      const key = `${snapshot.run} ${snapshot.status} ${snapshot.verdict?.seq ?? ""}`;
      if (key !== known) {
        known = key;
        readSoon();
      }
    },
    tick() {},
    close() {},
  };
}
