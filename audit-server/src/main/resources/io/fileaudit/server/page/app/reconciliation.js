// What was announced against what arrived, file by file.

import { attribute, button, h } from "./dom.js";
import { bytes, count } from "./format.js";
import { pages } from "./more.js";
import { batchAt, query } from "./place.js";
import { calmWord } from "./status.js";

const FINDINGS = [
  ["missing", "Missing", "announced, and never heard of"],
  ["short", "Short", "fewer rows or bytes than announced, or another checksum"],
  ["unfinished", "Unfinished", "begun, without an ending"],
  ["unexpected", "Unexpected", "arrived, and not announced"],
  ["duplicate_content", "Same content", "the checksum of another file"],
];

const NAMES = Object.fromEntries(FINDINGS.map(([finding, name]) => [finding, name]));

function against(found) {
  const texts = [];
  const add = (name, got, expected, text) => {
    if (expected !== null && expected !== undefined && expected !== got) {
      texts.push(got === null || got === undefined ? `${text(expected)} ${name} expected` : `${text(got)} of ${text(expected)} ${name}`);
    }
  };
  add("rows", found.rows, found.expected_rows, count);
  add("bytes", found.bytes, found.expected_bytes, bytes);
  if (found.expected_checksum && found.checksum && found.expected_checksum !== found.checksum) {
    texts.push(`checksum ${found.checksum}, expected ${found.expected_checksum}`);
  }
  return texts.join("; ");
}

/** The part `#reconciliation` of a batch. */
export function reconciliation(page, id, first) {
  let filters = first;
  let known = null;
  const rows = h("tbody", { role: "rowgroup" });
  const list = pages(
    (cursor) => page.calls.get(`/batches/${id}/reconciliation${query({ finding: filters.finding, cursor, page_size: 200 })}`),
    rows,
    (found) =>
      h(
        "tr",
        { role: "row", data: { finding: found.findings.join(" ") } },
        h("td", { role: "cell" }, found.findings.map((each) => NAMES[each] ?? each).join(", ")),
        h("td", { role: "cell", class: "name" }, found.file),
        h("td", { role: "cell" }, calmWord(found.state)),
        h(
          "td",
          { role: "cell", class: "why" },
          against(found),
          found.same_as && h("span", { class: "below" }, "same as ", h("a", { href: batchAt(found.same_as.batch, "files", { q: found.same_as.file }) }, found.same_as.file)),
        ),
      ),
    "Nothing differs from what was announced.",
  );
  const chips = [["", "All", ""], ...FINDINGS].map(([finding, name, meaning]) =>
    button("filter-finding", name, () => page.replace(batchAt(id, "reconciliation", { finding })), {
      class: "chip",
      title: meaning || null,
      data: { action: "filter-finding", value: finding },
    }),
  );
  const table = h(
    "table",
    { id: "reconciliation", role: "table", class: "list" },
    h("caption", { class: "unseen" }, "Files that differ from what was announced"),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ["Finding", "File", "State", "Difference"].map((name) => h("th", { scope: "col", role: "columnheader" }, name)))),
    rows,
  );
  const again = button("read-again", "Read again", () => list.read(true), { class: "small" });
  const element = h(
    "section",
    { "aria-label": "Reconciliation", data: { part: "reconciliation" } },
    h("div", { class: "toolbar" }, h("div", { class: "chips", role: "group", "aria-label": "Finding" }, chips), again),
    h("div", { class: "table-box" }, table),
    list.element,
  );

  function mark() {
    chips.forEach((chip) => attribute(chip, "aria-pressed", String(chip.dataset.value === filters.finding)));
  }

  mark();
  list.read(true);

  return {
    element,
    show(next) {
      if (next.finding !== filters.finding) {
        filters = next;
        mark();
        list.read(true);
      }
    },
    /** It is read again when the batch ends; while it runs everything differs, and every second. */
    set(snapshot) {
      const key = `${snapshot.run} ${snapshot.status}`;
      if (known !== null && key !== known) {
        list.read(true);
      }
      known = key;
    },
    tick() {},
    close() {},
  };
}
