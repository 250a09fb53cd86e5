// The table of batches, of the list and of sub-batches: rows that are kept, and changed in place.

import { badge } from "./badge.js";
import { bar } from "./bars.js";
import { attribute, h, link, put } from "./dom.js";
import { count, fullMoment, moment, rate, roughly, secondsBetween, short, shortId, ticking, took } from "./format.js";
import { batchAt, batchesAt } from "./place.js";
import { detail, isOpen, progress, shownStatus, silentSeconds, title } from "./status.js";
import { currentRate } from "./throughput.js";

/** What a row tells, in its order. */
export const COLUMNS = ["Status", "Batch", "Progress", "Failed", "Rows", "Rate", "Idle", "Started"];

/** One row, which is kept for as long as its batch is shown. */
function batchRow(snapshot) {
  const sign = badge(shownStatus(snapshot));
  const name = link(batchAt(snapshot.id), { class: "row-link", data: { rowLink: "" } });
  const below = h("span", { class: "below" });
  const done = h("span");
  const line = bar("progress");
  const failed = h("span");
  const cells = {
    failed: h("td", { class: "figure failed-cell", role: "cell" }, failed),
    rows: h("td", { class: "figure", role: "cell" }),
    rate: h("td", { class: "figure wide", role: "cell" }),
    idle: h("td", { class: "figure wide", role: "cell" }),
  };
  const started = h("time");
  const lasted = h("span", { class: "below" });
  const element = h(
    "tr",
    { role: "row", data: { batch: snapshot.id } },
    h("td", { class: "status-cell", role: "cell" }, sign.element),
    h("td", { class: "name-cell", role: "cell" }, name, below),
    h("td", { class: "progress-cell", role: "cell" }, done, line.element),
    cells.failed,
    cells.rows,
    cells.rate,
    cells.idle,
    h("td", { class: "figure started-cell", role: "cell" }, started, lasted),
  );
  let shownNow = null;

  function clocks(now) {
    const open = isOpen(shownNow);
    sign.set(shownStatus(shownNow), detail(shownNow, now));
    const average = shownNow.elapsed_seconds > 0 ? shownNow.totals.rows / shownNow.elapsed_seconds : null;
    put(cells.rate, rate(open ? currentRate(shownNow, now) : average));
    put(cells.idle, open ? ticking(silentSeconds(shownNow, new Date(now).toISOString())) : "");
    const begun = shownNow.started_at ?? shownNow.opened_at;
    put(
      lasted,
      open
        ? shownNow.started_at
          ? `for ${roughly(secondsBetween(begun, new Date(now).toISOString()))}`
          : "not started"
        : `took ${took(shownNow.elapsed_seconds)}`,
    );
  }

  function set(next, now) {
    shownNow = next;
    attribute(element, "data-status", shownStatus(next));
    put(name, title(next));
    put(
      below,
      [
        next.parent ? `part of ${shortId(next.parent)}` : "",
        next.name ? [next.table, next.period].filter(Boolean).join(" ") : "",
        shortId(next.id),
        next.run > 1 ? `run ${next.run}` : "",
      ]
        .filter(Boolean)
        .join(" · "),
    );
    const files = next.totals.files;
    const far = progress(next);
    put(done, far.text);
    attribute(done, "class", far.share === null ? "" : "known");
    line.element.classList.toggle("none", far.share === null);
    const whole = Math.max(files.expected, 1);
    line.set(
      far.share === null
        ? []
        : [
            { share: files.completed / whole, kind: "good" },
            { share: files.skipped / whole, kind: "quiet" },
            { share: files.failed / whole, kind: "bad" },
          ],
    );
    put(failed, files.failed > 0 ? count(files.failed) : "0");
    cells.failed.classList.toggle("some", files.failed > 0);
    put(cells.rows, short(next.totals.rows));
    attribute(cells.rows, "title", count(next.totals.rows));
    cells.rate.classList.toggle("faint", !isOpen(next));
    const begun = next.started_at ?? next.opened_at;
    put(started, moment(begun, now));
    attribute(started, "datetime", begun);
    attribute(started, "title", fullMoment(begun));
    clocks(now);
  }

  return { element, set, clocks };
}

/** The row of a table that is overdue, of which there is no batch. */
export function overdueRow(expectation, now) {
  const since = expectation.overdue_since;
  return h(
    "tr",
    { role: "row", data: { overdue: expectation.table, status: "OVERDUE" } },
    h(
      "td",
      { class: "status-cell", role: "cell" },
      badge("OVERDUE", `nothing opened for ${roughly(secondsBetween(since, new Date(now).toISOString()))}`).element,
    ),
    h(
      "td",
      { class: "name-cell", role: "cell" },
      link(batchesAt({ table: expectation.table }), { class: "row-link", data: { rowLink: "" } }, expectation.table),
      h("span", { class: "below" }, `expected ${expectation.schedule} (${expectation.zone})`),
    ),
    h("td", { class: "progress-cell", role: "cell" }),
    h("td", { class: "figure failed-cell", role: "cell" }),
    h("td", { class: "figure", role: "cell" }),
    h("td", { class: "figure wide", role: "cell" }),
    h("td", { class: "figure wide", role: "cell" }),
    h(
      "td",
      { class: "figure started-cell", role: "cell" },
      h("time", { datetime: since, title: fullMoment(since) }, moment(since, now)),
      h("span", { class: "below" }, "was due"),
    ),
  );
}

/** A table of batches, for the list and for sub-batches. */
export function batchTable(id, label) {
  const groups = [];
  const table = h(
    "table",
    { id, role: "table", class: "batches" },
    h("caption", { class: "unseen" }, label),
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        COLUMNS.map((name) =>
          h(
            "th",
            {
              role: "columnheader",
              scope: "col",
              class: `${["Status", "Batch", "Progress"].includes(name) ? "" : "figure"} ${["Rate", "Idle"].includes(name) ? "wide" : ""}`,
            },
            name,
          ),
        ),
      ),
    ),
  );
  const rows = new Map();
  return {
    element: table,
    group(name) {
      const body = h("tbody", { role: "rowgroup", data: { group: name } });
      table.append(body);
      groups.push(body);
      return body;
    },
    row(snapshot, now) {
      let row = rows.get(snapshot.id);
      if (!row) {
        row = batchRow(snapshot);
        rows.set(snapshot.id, row);
      }
      row.set(snapshot, now);
      return row.element;
    },
    update(snapshot, now) {
      rows.get(snapshot.id)?.set(snapshot, now);
    },
    keepOnly(ids) {
      [...rows.keys()].filter((each) => !ids.has(each)).forEach((each) => rows.delete(each));
    },
    tick: (now) => rows.forEach((row) => row.clocks(now)),
  };
}
