// The sub-batches of a batch.

import { batchTable } from "./batchtable.js";
import { calmly, fillWith, h, put, shown } from "./dom.js";
import { merge } from "./merge.js";
import { byAge } from "./order.js";
import { query } from "./place.js";

const MOST = 500;

/** The part `#sub-batches` of a batch. */
export function subBatches(page, id, onCount) {
  const table = batchTable("sub-batches", "Sub-batches");
  const body = table.group("sub-batches");
  const box = h("div", { class: "table-box" }, table.element);
  const note = h("p", { class: "none" });
  const element = h("section", { "aria-label": "Sub-batches", data: { part: "sub-batches" } }, box, note);
  const known = new Map();
  let version = null;
  let isWhole = true;

  function draw() {
    const now = page.clock.now();
    const rows = [...known.values()].sort(byAge).map((snapshot) => table.row(snapshot, now));
    if (rows.length !== body.children.length || rows.some((row, index) => body.children[index] !== row)) {
      fillWith(body, rows);
    }
    put(note, known.size === 0 ? "It has no sub-batches." : isWhole ? "" : `The newest ${MOST} are shown.`);
    shown(box, known.size > 0);
    onCount(known.size, isWhole);
  }

  const readSoon = calmly(3000, async () => {
    try {
      const answer = await page.calls.get(`/batches${query({ parent: id, page_size: MOST })}`);
      answer.items.forEach((snapshot) => known.set(snapshot.id, merge(known.get(snapshot.id), snapshot)));
      isWhole = answer.next === null;
      draw();
    } catch (problem) {
      version = null;
      put(note, problem.message);
    }
  });

  return {
    element,
    show() {},
    set(snapshot) {
      const key = `${snapshot.run} ${snapshot.version} ${snapshot.status} ${snapshot.totals.events}`;
      if (key !== version) {
        version = key;
        readSoon();
      }
    },
    event(event, data) {
      if ((event === "status" || event === "snapshot") && data.parent === id) {
        known.set(data.id, merge(known.get(data.id), data));
        draw();
      }
    },
    tick: (now) => table.tick(now),
    close() {},
  };
}
