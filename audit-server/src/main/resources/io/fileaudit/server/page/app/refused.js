// Refused events: what came, why it was not taken, and what those who may can do about it.

import { ask } from "./dialogs.js";
import { button, calmly, h, shown } from "./dom.js";
import { count, fullMoment, moment, things } from "./format.js";
import { pages } from "./more.js";
import { query } from "./place.js";

/** The part `#refused` of a batch. */
export function refused(page, id, onChange) {
  let snapshot = null;
  let known = null;
  const rows = h("tbody", { role: "rowgroup" });
  const list = pages(
    (cursor) => page.calls.get(`/batches/${id}/rejected${query({ cursor, page_size: 100 })}`),
    rows,
    row,
    "No event was refused.",
  );
  const all = h(
    "div",
    { class: "toolbar" },
    button("replay-all", "Replay all", () => replay(null)),
    button("dismiss-all", "Dismiss all", () => dismiss(null)),
  );
  const table = h(
    "table",
    { id: "refused", role: "table", class: "list" },
    h("caption", { class: "unseen" }, "Refused events"),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ["No.", "Why", "What came", "Last", ""].map((name) => h("th", { scope: "col", role: "columnheader" }, name || h("span", { class: "unseen" }, "Actions"))))),
    rows,
  );
  const element = h("section", { "aria-label": "Refused events", data: { part: "refused" } }, all, h("div", { class: "table-box" }, table), list.element);

  function row(event) {
    const isOpen = event.resolution === null || event.resolution === undefined;
    return h(
      "tr",
      { role: "row", data: { refused: event.number, resolution: event.resolution ?? "open" } },
      h("td", { role: "cell", class: "figure" }, count(event.number)),
      h("td", { role: "cell", class: "why" }, h("b", null, event.type), h("span", { class: "below" }, event.detail)),
      h("td", { role: "cell", class: "came" }, h("code", null, event.only_counted ? "only counted, not kept" : event.text)),
      h(
        "td",
        { role: "cell", class: "when" },
        h("time", { datetime: event.last_at, title: fullMoment(event.last_at) }, moment(event.last_at, page.clock.now())),
        event.times > 1 && h("span", { class: "below" }, `${count(event.times)} times`),
      ),
      h(
        "td",
        { role: "cell", class: "actions" },
        isOpen
          ? page.may && [
              !event.only_counted && button("replay", "Replay", () => replay(event.number), { class: "small", "aria-label": `Replay ${event.number}` }),
              button("dismiss", "Dismiss", () => dismiss(event.number), { class: "small", "aria-label": `Dismiss ${event.number}` }),
            ]
          : h("span", { class: "faint" }, event.resolution),
      ),
    );
  }

  const numbers = (number) => (number === null ? {} : { numbers: [number] });

  async function replay(number) {
    try {
      const answer = await page.calls.change("POST", `/batches/${id}/rejected/replay`, numbers(number), snapshot.run);
      const taken = answer.accepted + answer.duplicates;
      page.note(
        answer.refused > 0
          ? `${things(taken, "event")} taken, ${count(answer.refused)} refused again: ${answer.refusals[0]?.detail ?? ""}`
          : `${things(taken, "event")} taken.`,
        answer.refused > 0,
      );
    } catch (problem) {
      page.note(problem.message, true);
    }
    onChange();
    list.read(true);
  }

  async function dismiss(number) {
    const answer = await ask({
      title: number === null ? "Dismiss all refused events?" : `Dismiss refused event ${number}?`,
      text: "They no longer keep the batch from being complete. They are kept as dismissed, and cannot be replayed.",
      action: "dismiss",
      confirm: "Dismiss",
    });
    if (answer === null) {
      return;
    }
    try {
      const done = await page.calls.change("POST", `/batches/${id}/rejected/dismiss`, numbers(number));
      page.note(`${count(done.dismissed)} dismissed, ${count(done.open)} open.`);
    } catch (problem) {
      page.note(problem.message, true);
    }
    onChange();
    list.read(true);
  }

  const readSoon = calmly(3000, () => list.read(true));

  return {
    element,
    show() {},
    set(next) {
      snapshot = next;
      shown(all, page.may && next.totals.refused > 0);
      if (next.totals.refused !== known && !element.contains(document.activeElement)) {
        known = next.totals.refused;
        readSoon();
      }
    },
    tick() {},
    close() {},
  };
}
