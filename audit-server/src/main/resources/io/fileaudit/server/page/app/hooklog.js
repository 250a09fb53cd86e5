// What one webhook told, newest first, and how that went.

import { button, h, link } from "./dom.js";
import { count, fullMoment, moment } from "./format.js";
import { pages } from "./more.js";
import { batchAt, query } from "./place.js";

const WORDS = { waiting: "Waits", delivered: "Delivered", given_up: "Given up" };

/** The log of a webhook; `onChange` is told where something is sent again. */
export function hookLog(page, name, onChange) {
  const path = `/webhooks/${encodeURIComponent(name)}/deliveries`;
  const rows = h("tbody", { role: "rowgroup" });
  const list = pages((cursor) => page.calls.get(`${path}${query({ cursor })}`), rows, row, "Nothing was told within the last seven days.");
  const element = h(
    "section",
    { "aria-labelledby": "log-title" },
    h("h2", { id: "log-title" }, `What ${name} was told`),
    h(
      "div",
      { class: "table-box" },
      h(
        "table",
        { id: "deliveries", role: "table", class: "list" },
        h("caption", { class: "unseen" }, "Deliveries, newest first"),
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ["When", "What", "About", "State", "Tries", "Next", ""].map((title) => h("th", { scope: "col", role: "columnheader" }, title || h("span", { class: "unseen" }, "Actions"))))),
        rows,
      ),
    ),
    list.element,
  );

  const time = (iso) => iso && h("time", { datetime: iso, title: fullMoment(iso) }, moment(iso, page.clock.now()));

  function row(one) {
    const what = [one.table, one.period].filter(Boolean).join(" ");
    return h(
      "tr",
      { role: "row", data: { delivery: one.number, state: one.state } },
      h("td", { role: "cell", class: "when" }, time(one.recorded_at)),
      h("td", { role: "cell" }, one.event),
      h("td", { role: "cell" }, one.batch ? link(batchAt(one.batch), {}, what || one.batch) : what),
      h(
        "td",
        { role: "cell", class: one.state === "given_up" || (one.state === "waiting" && one.last_error) ? "bad" : "" },
        WORDS[one.state] ?? one.state,
        h("span", { class: "below" }, one.last_error ?? (one.last_status ? `${one.last_status} after ${count(one.last_millis)} ms` : "")),
      ),
      h("td", { role: "cell", class: "figure", data: { name: "Tries" } }, count(one.tries)),
      h("td", { role: "cell", class: "when", data: { name: "Next" } }, time(one.next_at) ?? ""),
      h("td", { role: "cell", class: "actions" }, button("retry", "Send again", () => again(one), { class: "small", "aria-label": `Send ${one.number} again` })),
    );
  }

  async function again(one) {
    try {
      await page.calls.change("POST", `${path}/${one.number}/retry`, {});
      page.note(`${one.event} is sent to ${name} again.`);
    } catch (failure) {
      page.note(failure.message, true);
    }
    list.read(true);
    onChange();
  }

  return { element, name, read: () => list.read(true) };
}
