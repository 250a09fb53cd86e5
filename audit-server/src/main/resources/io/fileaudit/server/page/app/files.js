// The files of a batch: rows of one height, of which only those in sight are in the document, read
// page by page as one scrolls. Searching and filtering is done by the service, over all of them.

import { shape } from "./badge.js";
import { attribute, button, calmly, fillWith, h, put, shown } from "./dom.js";
import { facts, panel } from "./dialogs.js";
import { bytes, count, fullMoment, secondsBetween, short, shortId, things, took as lasting } from "./format.js";
import { neighbour } from "./keys.js";
import { Keyset, sight } from "./keyset.js";
import { batchAt, query } from "./place.js";
import { calmWord, knownFiles, STATES } from "./status.js";

const REFRESH_MILLIS = 3000;
const ROW = 32;
const ROW_NARROW = 48;

const COLUMNS = [
  ["State", "state"],
  ["File", "file"],
  ["Rows", "figure"],
  ["Rejected", "figure wide"],
  ["Bytes", "figure wide"],
  ["Took", "figure wide"],
  ["Try", "figure wide"],
  ["Error", "error"],
];

/** A file's name in two parts, of which the first may be cut where there is no room. */
export function parts(file) {
  const at = file.lastIndexOf("/", file.length - 2) + 1;
  const last = file.slice(at);
  return last !== "" && last.length <= 60 ? [file.slice(0, at), last] : ["", file];
}

function errorText(error) {
  if (!error) {
    return "";
  }
  const where = error.line ? ` (line ${count(error.line)}${error.column ? `, column ${count(error.column)}` : ""})` : "";
  return [error.code, error.message].filter(Boolean).join(": ") + where;
}

function fileRow() {
  const state = h("span", { class: "state" });
  const folder = h("span", { class: "folder" });
  const name = h("span", { class: "base" });
  const cells = COLUMNS.map(([, kind]) => h("div", { role: "cell", class: kind }));
  cells[0].append(state);
  cells[1].append(folder, name);
  const element = h("div", { role: "row", class: "file-row" }, cells);
  return {
    element,
    set(file, index) {
      attribute(element, "aria-rowindex", index + 2);
      element.dataset.index = index;
      if (!file) {
        element.classList.add("absent");
        attribute(element, "data-status", null);
        attribute(element, "data-file", null);
        state.replaceChildren();
        put(folder, "");
        put(name, "…");
        cells.slice(2).forEach((cell) => put(cell, ""));
        return;
      }
      element.classList.remove("absent");
      if (element.dataset.status !== file.state || !state.firstChild) {
        state.replaceChildren(shape(file.state), h("span", { class: "state-word" }, calmWord(file.state)));
        element.dataset.status = file.state;
      }
      element.dataset.file = file.file;
      const [before, last] = parts(file.file);
      put(folder, before);
      put(name, last);
      attribute(cells[1], "title", file.file);
      put(cells[2], file.rows === null || file.rows === undefined ? "" : count(file.rows));
      put(cells[3], file.rejected_rows ? count(file.rejected_rows) : "");
      put(cells[4], file.bytes === null || file.bytes === undefined ? "" : bytes(file.bytes));
      const took = secondsBetween(file.started_at, file.ended_at);
      put(cells[5], took === null ? "" : lasting(took));
      put(cells[6], file.attempts > 1 ? count(file.attempts) : "");
      put(cells[7], errorText(file.error));
      attribute(cells[7], "title", errorText(file.error) || null);
    },
  };
}

/** The part `#files` of a batch. */
export function files(page, id, first) {
  let filters = first;
  let snapshot = null;
  let list = null;
  let active = -1;
  let generation = 0;
  let version = "";
  let isClosed = false;
  let download = null;
  let hasSubBatches = false;
  const pool = [];

  const search = h("input", {
    type: "search",
    id: "file-search",
    placeholder: "Part of a file name",
    "aria-label": "Search files",
    autocomplete: "off",
    spellcheck: "false",
    value: filters.q,
  });
  const chips = ["", ...STATES].map((state) => {
    const number = h("span", { class: "chip-count" });
    const element = button("filter-state", "", () => go({ ...filters, status: state, error: state === "FAILED" ? filters.error : "" }), {
      class: "chip",
      data: { action: "filter-state", value: state },
    });
    element.append(state ? calmWord(state) : "All", number);
    return { state, number, element };
  });
  const errorChip = button("clear-error", "", () => go({ ...filters, error: "" }), { class: "chip on", hidden: true });
  const csv = button("download-csv", "CSV", () => save("text/csv", "csv"), { class: "small" });
  const ndjson = button("download-ndjson", "NDJSON", () => save("application/x-ndjson", "ndjson"), { class: "small" });
  const progress = h("span", { class: "faint", id: "download-progress" });
  const told = h("p", { class: "summary", id: "files-summary" });
  const problem = h("p", { class: "problem", hidden: true });
  const above = h("div", { class: "spacer", role: "presentation" });
  const below = h("div", { class: "spacer", role: "presentation" });
  const rows = h("div", { role: "rowgroup", class: "file-rows" });
  const header = h(
    "div",
    { role: "rowgroup", class: "file-head" },
    h("div", { role: "row", class: "file-row head", "aria-rowindex": "1" }, COLUMNS.map(([name, kind]) => h("div", { role: "columnheader", class: kind }, name))),
  );
  const table = h("div", { role: "table", id: "files", "aria-label": "Files", "aria-colcount": COLUMNS.length }, header, above, rows, below);
  const box = h("div", { class: "file-box", id: "files-scroll", tabindex: "0", role: "region", "aria-label": "Files, scrollable" }, table);
  const element = h(
    "section",
    { "aria-label": "Files", data: { part: "files" } },
    h(
      "div",
      { class: "toolbar" },
      search,
      h("div", { class: "chips", role: "group", "aria-label": "State" }, chips.map((chip) => chip.element), errorChip),
      h("div", { class: "downloads" }, progress, h("span", { class: "faint", id: "download-label" }, "Download"), csv, ndjson),
    ),
    problem,
    told,
    box,
  );

  const rowHeight = () => (matchMedia("(max-width: 700px)").matches ? ROW_NARROW : ROW);

  function go(next) {
    page.replace(batchAt(id, "files", { status: next.status, error: next.error, q: next.q }));
  }

  let pause = null;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => go({ ...filters, q: search.value }), 250);
  });

  const parameters = () => ({ state: filters.status, error: filters.error, q: filters.q });

  function begin() {
    generation += 1;
    const mine = generation;
    active = -1;
    list = new Keyset(async (cursor) => {
      const answer = await page.calls.get(`/batches/${id}/files${query({ ...parameters(), page_size: 500, cursor })}`);
      return mine === generation ? answer : { items: [], next: null };
    });
    box.scrollTop = 0;
    fetchSight();
  }

  async function fetchSight() {
    const mine = list;
    draw();
    const { first: from, last } = inSight();
    try {
      const fetched = await mine.need(from, last + 1);
      shown(problem, false);
      if (mine === list && !isClosed) {
        draw();
        if (fetched) {
          fetchSight();
        }
      }
    } catch (failure) {
      if (mine === list) {
        put(problem, failure.message);
        shown(problem, true);
      }
    }
  }

  const inSight = () => sight({ top: Math.max(0, box.scrollTop), height: box.clientHeight, row: rowHeight(), count: list.count });

  function draw() {
    const { first: from, last, before, total } = inSight();
    const wanted = Math.max(0, last - from);
    while (pool.length < wanted) {
      pool.push(fileRow());
    }
    for (let at = 0; at < wanted; at += 1) {
      const row = pool[at];
      row.set(list.row(from + at), from + at);
      row.element.classList.toggle("active", from + at === active);
      if (row.element.parentNode !== rows) {
        rows.append(row.element);
      }
    }
    while (rows.children.length > wanted) {
      rows.lastChild.remove();
    }
    above.style.height = `${before}px`;
    below.style.height = `${Math.max(0, total - before - wanted * rowHeight())}px`;
    table.setAttribute("aria-rowcount", list.isWhole ? list.count + 1 : -1);
    tell();
  }

  /** How many files the filters leave, where that is known. */
  function expectedCount() {
    if (filters.q || filters.error || !snapshot || hasSubBatches) {
      return null;
    }
    const totals = snapshot.totals.files;
    return filters.status ? totals[filters.status.toLowerCase()] : knownFiles(totals);
  }

  function tell() {
    const read = list.count;
    const all = list.isWhole ? read : null;
    if (!list.isRead) {
      put(told, "Reading…");
    } else if (all === 0) {
      put(told, filters.q || filters.status || filters.error ? "No file fits." : "No files yet: they show here as soon as the loader reports them.");
    } else {
      const expected = expectedCount();
      put(told, all !== null ? `${things(all, "file")}${hasSubBatches ? ", without those of sub-batches" : ""}` : expected ? `${things(expected, "file")}; ${count(read)} read so far, more as you scroll` : `${count(read)} files read so far, more as you scroll`);
    }
    shown(box, !list.isRead || read > 0);
  }

  const scrolled = () => requestAnimationFrame(() => !isClosed && fetchSight());
  box.addEventListener("scroll", scrolled, { passive: true });
  const resized = new ResizeObserver(() => list && draw());
  resized.observe(box);

  /** What is in sight is read again while the batch moves; not under somebody's pointer or focus. */
  const refreshSoon = calmly(REFRESH_MILLIS, async () => {
    if (isClosed || !list?.isRead || box.matches(":hover") || box.contains(document.activeElement)) {
      version = "";
      return;
    }
    const mine = list;
    const { first: from, last } = inSight();
    try {
      await mine.refresh(from, last);
      if (mine === list) {
        draw();
      }
    } catch {
      // The next change of the batch tries again.
    }
  });

  rows.addEventListener("click", (event) => {
    const row = event.target.closest("[data-index]");
    if (row && !getSelection().toString()) {
      active = Number(row.dataset.index);
      draw();
      open(list.row(active));
    }
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      open(list.row(active));
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      walk(event.key === "ArrowDown" ? 1 : -1);
    }
  });

  function walk(step) {
    const next = neighbour(active, list.count, step);
    if (next < 0) {
      return false;
    }
    active = next;
    box.focus({ preventScroll: true });
    const height = rowHeight();
    const head = header.offsetHeight;
    if (list.count * height < 8_000_000) {
      if (active * height < box.scrollTop) {
        box.scrollTop = active * height;
      } else if ((active + 1) * height + head > box.scrollTop + box.clientHeight) {
        box.scrollTop = (active + 1) * height + head - box.clientHeight;
      }
    }
    draw();
    const row = list.row(active);
    attribute(box, "aria-label", row ? `Files, scrollable. ${calmWord(row.state)}: ${row.file}` : "Files, scrollable");
    return true;
  }

  function open(file) {
    if (!file) {
      return;
    }
    const elsewhere = h("div", { class: "elsewhere" });
    const at = (iso) => (iso ? h("time", { datetime: iso }, fullMoment(iso)) : null);
    const took = secondsBetween(file.started_at, file.ended_at);
    panel(
      "file",
      parts(file.file)[1],
      facts([
        ["File", file.file],
        ["State", h("span", { class: "state", data: { status: file.state } }, shape(file.state), calmWord(file.state))],
        ["Error", errorText(file.error)],
        ["Rows", file.rows === null || file.rows === undefined ? null : `${count(file.rows)}${file.expected_rows ? ` of ${count(file.expected_rows)} expected` : ""}`],
        ["Rejected rows", file.rejected_rows ? count(file.rejected_rows) : null],
        ["Size", file.bytes === null || file.bytes === undefined ? null : `${bytes(file.bytes)} (${count(file.bytes)} bytes${file.expected_bytes ? `, ${count(file.expected_bytes)} expected` : ""})`],
        ["Checksum", file.checksum ?? null],
        ["Expected checksum", file.expected_checksum ?? null],
        ["Announced", file.expected ? "yes" : null],
        ["Discovered", at(file.discovered_at)],
        ["Started", at(file.started_at)],
        ["Ended", at(file.ended_at)],
        ["Took", took === null ? null : lasting(took)],
        ["Attempts", count(file.attempts)],
        ["Run", file.run ?? null],
        ["Conflict", file.conflict ? "one attempt was reported with two different endings" : null],
        ["Attributes", file.attributes && Object.keys(file.attributes).length > 0 ? h("pre", { tabindex: "0", "aria-label": "Attributes" }, JSON.stringify(file.attributes, null, 2)) : null],
      ]),
      elsewhere,
    );
    page.calls
      .get(`/files${query({ file: file.file, page_size: 20 })}`)
      .then(({ items }) => {
        const others = items.filter((each) => each.batch !== id);
        if (others.length > 0) {
          fillWith(
            elsewhere,
            h("h3", null, "In other batches"),
            h("ul", null, others.map((each) => h("li", null, h("a", { href: batchAt(each.batch) }, [each.table, each.period].filter(Boolean).join(" ") || shortId(each.batch)), ` ${calmWord(each.manifest.state)}, ${fullMoment(each.opened_at)}`))),
          );
          elsewhere.addEventListener("click", (event) => event.target.closest("a") && document.getElementById("file")?.close());
        }
      })
      .catch(() => {});
  }

  async function save(type, extension) {
    if (download) {
      download.abort();
      return;
    }
    download = new AbortController();
    const pressed = extension === "csv" ? csv : ndjson;
    const name = pressed.textContent;
    put(pressed, "Stop");
    try {
      const blob = await page.calls.download(`/batches/${id}/files${query(parameters())}`, type, (got) => put(progress, bytes(got)), download.signal);
      const href = URL.createObjectURL(blob);
      const anchor = h("a", { href, download: `${fileName()}.${extension}` });
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    } catch (failure) {
      if (failure.name !== "AbortError") {
        page.note(failure.message, true);
      }
    } finally {
      download = null;
      put(pressed, name);
      put(progress, "");
    }
  }

  function fileName() {
    const batch = [snapshot?.table, snapshot?.period].filter(Boolean).join("-") || shortId(id);
    return ["files", batch, filters.status.toLowerCase(), filters.error].filter(Boolean).join("-").replace(/[^A-Za-z0-9._-]+/g, "_");
  }

  function mark() {
    for (const { state, element: chip } of chips) {
      attribute(chip, "aria-pressed", String(filters.status === state));
    }
    shown(errorChip, Boolean(filters.error));
    put(errorChip, `${filters.error} ×`);
    attribute(errorChip, "aria-label", `Files of the error ${filters.error} only: show all`);
    if (document.activeElement !== search && search.value !== filters.q) {
      search.value = filters.q;
    }
  }

  mark();
  begin();

  return {
    element,
    show(next) {
      if (JSON.stringify(next) !== JSON.stringify(filters)) {
        filters = next;
        mark();
        begin();
      }
    },
    set(next) {
      snapshot = next;
      table.classList.toggle("sound", next.totals.files.failed === 0);
      for (const { state, number, element: chip } of chips) {
        const figure = state ? (state === "EXPECTED" ? next.totals.files.missing : next.totals.files[state.toLowerCase()]) : knownFiles(next.totals.files);
        put(number, short(figure ?? 0));
        shown(chip, !state || figure > 0 || filters.status === state);
      }
      const now = `${next.run} ${next.version}`;
      if (now !== version) {
        version = now;
        refreshSoon();
      }
    },
    /** Says whether what is counted above may lie in sub-batches, which have lists of their own. */
    divided(isDivided) {
      if (hasSubBatches !== isDivided) {
        hasSubBatches = isDivided;
        tell();
      }
    },
    walk,
    tick() {
      if (snapshot && version === "") {
        version = `${snapshot.run} ${snapshot.version}`;
        refreshSoon();
      }
    },
    close() {
      isClosed = true;
      clearTimeout(pause);
      download?.abort();
      resized.disconnect();
    },
  };
}
