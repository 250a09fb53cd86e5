// The list of batches: what needs a person first, then the newest. What changes is changed in place;
// what is new, or would move rows while somebody points at them, waits behind a button.

import { batchTable, COLUMNS, overdueRow } from "./batchtable.js";
import { attribute, button, calmly, fillWith, h, put, shown } from "./dom.js";
import { listFeed } from "./feed.js";
import { count, things } from "./format.js";
import { fits, isNewer, merge } from "./merge.js";
import { arrange } from "./order.js";
import { batchesAt, query } from "./place.js";
import { calmWord, isOpen, STATUSES, title, verdictText } from "./status.js";

const PAGE = 100;
const ENDED_BADLY = "TIMED_OUT,FAILED,INCOMPLETE";
const OVERDUE_MILLIS = 60_000;
/** How many batches are asked for one by one after a pause. */
const MOST_LEFT = 50;

/** The view at `/ui`. */
export function batchesView(page, first) {
  let filters = first.filters;
  let known = new Map();
  let waiting = new Map();
  let overdue = [];
  let next = null;
  let order = "";
  let isLoaded = false;
  let loading = 0;
  let overdueAsked = -Infinity;
  let pointed = false;

  page.title("Batches");
  const problem = h("p", { class: "problem", id: "problem", hidden: true });
  const summary = h("p", { class: "summary", id: "summary" });
  const arrivals = button("show-new", "", showWaiting, { id: "new-batches", hidden: true });
  const table = batchTable("batches", "Batches");
  const attention = table.group("attention");
  const rest = table.group("rest");
  const box = h("div", { class: "table-box" }, table.element);
  const more = button("more", "Older batches", loadMore, { hidden: true });
  const empty = h("section", { id: "empty", hidden: true });
  const form = filterForm();
  const element = h(
    "div",
    { class: "view", data: { view: "batches" } },
    h("div", { class: "head" }, h("h1", { tabindex: "-1" }, "Batches"), summary),
    form.element,
    problem,
    h("div", { class: "arrivals" }, arrivals),
    box,
    empty,
    more,
  );

  box.addEventListener("pointerenter", () => {
    pointed = true;
  });
  box.addEventListener("pointerleave", () => {
    pointed = false;
    settle();
  });

  function filterForm() {
    const search = h("input", {
      type: "search",
      id: "search",
      placeholder: "Name, table or period",
      "aria-label": "Search batches",
      value: filters.q,
      autocomplete: "off",
      spellcheck: "false",
    });
    const tables = h("datalist", { id: "tables" });
    const tableName = h("input", { id: "filter-table", list: "tables", "aria-label": "Table", placeholder: "Table", value: filters.table, autocomplete: "off", spellcheck: "false" });
    const period = h("input", { id: "filter-period", "aria-label": "Period", placeholder: "Period", value: filters.period, autocomplete: "off", spellcheck: "false" });
    const chips = STATUSES.map((status) =>
      button("filter-status", calmWord(status), () => toggle(status), { class: "chip", data: { action: "filter-status", value: status } }),
    );
    let pause = null;
    const typed = () => {
      clearTimeout(pause);
      pause = setTimeout(() => {
        page.replace(
          batchesAt({ ...filters, q: search.value.trim(), table: tableName.value.trim(), period: period.value.trim() }),
        );
      }, 250);
    };
    [search, tableName, period].forEach((input) => input.addEventListener("input", typed));
    const clear = button("clear-filters", "Clear", () => page.go(batchesAt()), { class: "plain" });
    const self = {
      element: h(
        "form",
        { class: "filters", role: "search", "aria-label": "Batches", on: { submit: (event) => event.preventDefault() } },
        search,
        tableName,
        tables,
        period,
        h("div", { class: "chips", role: "group", "aria-label": "Status" }, chips),
        clear,
      ),
      set() {
        for (const [input, text] of [
          [search, filters.q],
          [tableName, filters.table],
          [period, filters.period],
        ]) {
          if (document.activeElement !== input && input.value !== text) {
            input.value = text;
          }
        }
        chips.forEach((chip) => attribute(chip, "aria-pressed", String(filters.status.includes(chip.dataset.value))));
        shown(clear, isFiltered());
      },
      /** Forgets what was typed last, which would lead back here from wherever one went since. */
      stop: () => clearTimeout(pause),
      /** Offers the tables that are seen. */
      offer(names) {
        if (tables.children.length !== names.length) {
          fillWith(tables, names.map((name) => h("option", { value: name })));
        }
      },
    };
    return self;
  }

  function toggle(status) {
    const status_ = filters.status.includes(status)
      ? filters.status.filter((each) => each !== status)
      : [...filters.status, status];
    page.replace(batchesAt({ ...filters, status: status_ }));
  }

  const isFiltered = () => Boolean(filters.status.length || filters.table || filters.period || filters.q);

  async function load() {
    loading += 1;
    const mine = loading;
    const { status, table: tableName, period, q } = filters;
    const same = { table: tableName, period, q };
    try {
      const [list, flagged, ended] = await Promise.all([
        page.calls.get(`/batches${query({ ...same, status, page_size: PAGE })}`),
        page.calls.get(`/batches${query({ ...same, flag: "silent,stalled,over_limit", page_size: PAGE })}`),
        status.length
          ? { items: [] }
          : page.calls.get(`/batches${query({ ...same, status: ENDED_BADLY, page_size: 50 })}`),
        findOverdue(true),
      ]);
      if (mine !== loading) {
        return;
      }
      const fresh = new Map();
      for (const snapshot of [...list.items, ...flagged.items, ...ended.items]) {
        page.clock.hear(snapshot.now);
        if (fits(snapshot, filters)) {
          fresh.set(snapshot.id, merge(known.get(snapshot.id) ?? waiting.get(snapshot.id), snapshot));
        }
      }
      // On coming back to a list, what was not there waits, as what the feed tells does.
      const wait = isLoaded && known.size > 0;
      if (wait) {
        for (const [id, snapshot] of fresh) {
          if (known.has(id)) {
            known.set(id, snapshot);
          } else {
            waiting.set(id, snapshot);
          }
        }
        await askForThoseLeft(fresh);
        known.forEach((snapshot) => table.update(snapshot, page.clock.now()));
      } else {
        known = fresh;
        waiting = new Map();
        next = list.next;
        order = "";
      }
      isLoaded = true;
      shown(problem, false);
      settle();
    } catch (failure) {
      if (mine === loading) {
        put(problem, failure.message);
        shown(problem, true);
      }
      throw failure;
    }
  }

  /** Open batches further down the list may have ended while nobody listened; the rest stays as it was. */
  async function askForThoseLeft(fresh) {
    const left = [...known.values()].filter((snapshot) => isOpen(snapshot) && !fresh.has(snapshot.id)).slice(0, MOST_LEFT);
    for (const { id } of left) {
      try {
        const snapshot = await page.calls.get(`/batches/${id}`);
        known.set(id, merge(known.get(id), snapshot));
      } catch (problem) {
        if (problem.status !== 404 && problem.status !== 410) {
          throw problem;
        }
        known.delete(id);
      }
    }
  }

  async function findOverdue(now = false) {
    if (!now && performance.now() - overdueAsked < OVERDUE_MILLIS) {
      return;
    }
    overdueAsked = performance.now();
    if (filters.status.length || filters.period || filters.q) {
      overdue = [];
      return;
    }
    const found = await page.calls.get(`/tables${query({ status: "overdue", table: filters.table })}`);
    overdue = (found.overdue ?? []).filter((each) => !filters.table || each.table === filters.table);
  }

  async function loadMore() {
    if (!next) {
      return;
    }
    more.disabled = true;
    try {
      const list = await page.calls.get(`/batches${query({ ...filters, page_size: PAGE, cursor: next })}`);
      list.items.forEach((snapshot) => known.set(snapshot.id, merge(known.get(snapshot.id), snapshot)));
      next = list.next;
      draw();
    } catch (failure) {
      page.note(failure.message, true);
    } finally {
      more.disabled = false;
    }
  }

  function showWaiting() {
    waiting.forEach((snapshot, id) => known.set(id, merge(known.get(id), snapshot)));
    waiting = new Map();
    draw();
    table.element.querySelector("[data-row-link]")?.focus();
  }

  /** Draws anew if that moves nothing that somebody is at; else says what waits. */
  function settle() {
    if (!isLoaded) {
      return;
    }
    if (known.size === 0 && waiting.size > 0) {
      waiting.forEach((snapshot, id) => known.set(id, snapshot));
      waiting = new Map();
    }
    const held = pointed || box.contains(document.activeElement);
    if (order === "" || !held) {
      draw();
      return;
    }
    announce(orderOf(arrange(known.values(), page.clock.now())) !== order);
  }

  function orderOf({ attention: top, rest: others }) {
    return [...overdue.map((each) => each.table), "|", ...top.map((each) => each.id), "|", ...others.map((each) => each.id)].join(" ");
  }

  function draw() {
    const now = page.clock.now();
    const parts = arrange(known.values(), now);
    const wanted = orderOf(parts);
    if (wanted !== order) {
      order = wanted;
      const focused = document.activeElement;
      fillWith(
        attention,
        overdue.length + parts.attention.length > 0 && groupTitle("Needs a person"),
        overdue.map((expectation) => overdueRow(expectation, now)),
        parts.attention.map((snapshot) => table.row(snapshot, now)),
      );
      fillWith(
        rest,
        overdue.length + parts.attention.length > 0 && parts.rest.length > 0 && groupTitle("All others"),
        parts.rest.map((snapshot) => table.row(snapshot, now)),
      );
      table.keepOnly(new Set(known.keys()));
      if (focused && focused !== document.activeElement && box.contains(focused)) {
        focused.focus({ preventScroll: true });
      }
    }
    const nothing = known.size === 0 && overdue.length === 0;
    shown(box, !nothing);
    shown(empty, nothing);
    if (nothing) {
      fillEmpty();
    }
    shown(more, next !== null);
    if (!filters.table) {
      form.offer([...new Set([...known.values()].map((snapshot) => snapshot.table).filter(Boolean))].sort());
    }
    announce(false);
  }

  function groupTitle(text) {
    return h("tr", { role: "row", class: "group-title" }, h("th", { role: "rowheader", scope: "rowgroup", colspan: COLUMNS.length }, text));
  }

  function announce(hasMoved) {
    const texts = [];
    if (waiting.size > 0) {
      texts.push(things(waiting.size, "new batch", "new batches"));
    }
    if (hasMoved) {
      texts.push("new order");
    }
    put(arrivals, texts.join(" · "));
    shown(arrivals, texts.length > 0);
    const all = [...known.values()];
    const open = all.filter(isOpen).length;
    const urgent = arrange(all, page.clock.now()).attention.length + overdue.length;
    put(
      summary,
      isLoaded && all.length + overdue.length > 0
        ? [things(open, "open", "open"), urgent > 0 ? `${count(urgent)} ${urgent === 1 ? "needs" : "need"} a person` : "none needs a person", `${count(all.length)}${next ? "+" : ""} shown`].join(" · ")
        : "",
    );
  }

  function fillEmpty() {
    const why = isFiltered() ? "filtered" : "none";
    if (empty.dataset.why === why) {
      return;
    }
    empty.dataset.why = why;
    if (isFiltered()) {
      fillWith(empty, h("p", null, "No batch fits."), button("clear-filters", "Show all batches", () => page.go(batchesAt())));
      return;
    }
    const command = [
      `curl -X POST ${location.origin}/api/v1/batches \\`,
      `  -H "Authorization: Bearer $AUDIT_KEY" -H "Content-Type: application/json" \\`,
      `  -d '{"name": "my first batch", "table": "empresa", "period": "2024-05"}'`,
    ].join("\n");
    fillWith(
      empty,
      h("h2", null, "No batches yet"),
      h("p", null, "A loader opens one; so does this, in a shell. It shows up here at once."),
      h("pre", { id: "curl", tabindex: "0", "aria-label": "Command that opens a batch" }, command),
      button("copy", "Copy", async (event) => {
        const target = event.currentTarget;
        try {
          await navigator.clipboard.writeText(command);
          put(target, "Copied");
        } catch {
          getSelection().selectAllChildren(document.getElementById("curl"));
          put(target, "Selected: copy it with your keys");
        }
      }),
    );
  }

  const settleSoon = calmly(500, settle);

  function show(there) {
    const same = JSON.stringify(there.filters) === JSON.stringify(filters);
    filters = there.filters;
    form.set();
    if (!same) {
      known = new Map();
      waiting = new Map();
      isLoaded = false;
      page.want(listFeed(filters));
      load().catch(() => {});
    }
  }

  form.set();
  page.want(listFeed(filters));
  load().catch(() => {});

  return {
    element,
    show,
    refresh: () => (isLoaded || loading === 0 ? load() : undefined),
    event(event, data) {
      if (event === "verdict") {
        if (data.verdict && known.has(data.batch)) {
          page.say(`${title({ ...data, id: data.batch })}: ${verdictText(data.verdict)}`);
        }
        return;
      }
      if (event !== "status" && event !== "snapshot") {
        return;
      }
      const at = known.has(data.id) ? known : waiting.has(data.id) || fits(data, filters) ? waiting : null;
      if (!at || !isNewer(at.get(data.id), data)) {
        return;
      }
      at.set(data.id, merge(at.get(data.id), data));
      if (at === known) {
        table.update(at.get(data.id), page.clock.now());
      }
      settleSoon();
    },
    tick(now) {
      table.tick(now);
      findOverdue()
        .then(() => {})
        .catch(() => {});
    },
    failures() {
      page.go(batchesAt({ ...filters, status: ["FAILED", "INCOMPLETE", "TIMED_OUT"] }));
      return true;
    },
    close: form.stop,
  };
}
