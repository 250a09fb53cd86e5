// One batch: its figures, its limits, what failed, and its parts.

import { badge } from "./badge.js";
import { bar } from "./bars.js";
import { throughput } from "./chart.js";
import { ask } from "./dialogs.js";
import { attribute, button, fillWith, h, link, put, shown } from "./dom.js";
import { failures } from "./failures.js";
import { batchFeed } from "./feed.js";
import { files } from "./files.js";
import { bytes, count, duration, fullMoment, isoSeconds, moment, percent, rate, roughly, secondsBetween, short, shortId, ticking, took } from "./format.js";
import { limits } from "./limits.js";
import { isNewer, merge } from "./merge.js";
import { batchAt, batchesAt } from "./place.js";
import { reconciliation } from "./reconciliation.js";
import { refused } from "./refused.js";
import { detail, endedFiles, isOpen, knownFiles, progress, shownStatus, silentSeconds, title, verdictText } from "./status.js";
import { subBatches } from "./subbatches.js";
import { currentRate } from "./throughput.js";
import { verdicts } from "./verdicts.js";

const PART_NAMES = {
  files: "Files",
  reconciliation: "Reconciliation",
  "sub-batches": "Sub-batches",
  verdicts: "Verdicts",
  refused: "Refused events",
};

/** One figure with its name, and something small below. */
function tile(id, name) {
  const value = h("dd", { class: "value", id });
  const below = h("dd", { class: "below", id: `${id}-more` });
  const element = h("div", { class: "tile" }, h("dt", null, name), value, below);
  return {
    element,
    set(text, more = "", kind = "") {
      put(value, text);
      put(below, more);
      attribute(element, "data-kind", kind || null);
    },
  };
}

/** The view at `/ui/batches/{id}`. */
export function batchView(page, first) {
  const { id } = first;
  let there = first;
  let snapshot = null;
  let isClosed = false;
  let subCount = "";

  page.title(shortId(id));
  const problem = h("p", { class: "problem", id: "problem", hidden: true });
  const crumbs = h("nav", { class: "crumbs", "aria-label": "Way here" });
  const heading = h("h1", { tabindex: "-1", id: "batch-title" }, shortId(id));
  const sign = badge("PENDING");
  sign.element.id = "batch-status";
  const about = h("p", { class: "about" });
  const actions = h("div", { class: "actions" });
  const cancel = button("cancel", "Cancel batch", cancelIt, { class: "grave" });
  const resume = button("resume", "Resume", resumeIt, { class: "main" });
  actions.append(cancel, resume);

  const tiles = {
    files: tile("files-done", "Files"),
    failed: tile("failed", "Failed"),
    rows: tile("rows", "Rows"),
    bytes: tile("bytes", "Bytes"),
    rate: tile("rate", "Rate"),
    elapsed: tile("elapsed", "Elapsed"),
    idle: tile("idle", "Idle"),
    rejected: tile("rejected-rows", "Rejected rows"),
    refused: tile("refused-events", "Refused events"),
  };
  const line = bar("states");
  const legend = h("p", { class: "legend", id: "file-states" });
  const limitBlock = limits(page, take);
  const expectation = h("p", { class: "about", id: "expectation", hidden: true });
  const usual = h("p", { class: "about", id: "usual", hidden: true });
  const chart = throughput(page);
  const failed = failures(page, id);
  const tabs = Object.entries(PART_NAMES).map(([part, name]) => {
    const number = h("span", { class: "tab-count" });
    return { part, number, element: link(batchAt(id, part), { data: { tab: part } }, name, number) };
  });
  // The files have no hash of their own, so that the plain address shows them too.
  tabs[0].element.href = `${batchAt(id)}#files`;
  const partBox = h("div", { class: "part" });
  let part = null;
  let partName = null;
  const body = h(
    "div",
    { class: "batch-body", hidden: true },
    h("dl", { class: "tiles" }, Object.values(tiles).map((each) => each.element)),
    h("div", { class: "states-line" }, line.element, legend),
    h("div", { class: "columns" }, chart.element, h("div", { class: "stack" }, limitBlock.element, usual, expectation)),
    failed.element,
    h("nav", { class: "tabs", "aria-label": "Parts of the batch" }, tabs.map((each) => each.element)),
    partBox,
  );
  const element = h(
    "div",
    { class: "view", data: { view: "batch", batch: id } },
    crumbs,
    h("div", { class: "head" }, h("div", { class: "head-text" }, heading, h("div", { class: "status-line" }, sign.element)), actions),
    about,
    problem,
    body,
  );
  shown(actions, false);
  shown(sign.element, false);
  crumb(null);

  function crumb(parent) {
    fillWith(
      crumbs,
      link(batchesAt(), null, "Batches"),
      parent && [h("span", { "aria-hidden": "true" }, " / "), link(batchAt(parent, "sub-batches"), null, `parent ${shortId(parent)}`)].flat(),
    );
  }

  async function load() {
    try {
      take(await page.calls.get(`/batches/${id}`));
      shown(problem, false);
    } catch (failure) {
      put(problem, failure.status === 404 || failure.status === 410 ? `${failure.title}: ${failure.message}` : failure.message);
      shown(problem, true);
      if (failure.status === 404 || failure.status === 410) {
        page.want(null);
        page.title("No such batch");
        put(heading, "No such batch");
        return;
      }
      throw failure;
    }
  }

  /** Takes a snapshot, from whatever way it came. */
  function take(next) {
    if (isClosed) {
      return;
    }
    if (!isNewer(snapshot, next)) {
      return;
    }
    const isFirst = snapshot === null;
    page.clock.hear(next.now);
    snapshot = merge(snapshot, next);
    draw();
    if (isFirst) {
      shown(body, true);
      showPart();
      crumb(snapshot.parent);
      findExpectation();
      countSubBatches();
    }
    part?.set(snapshot);
  }

  function draw() {
    const now = page.clock.now();
    const { totals } = snapshot;
    const states = totals.files;
    const open = isOpen(snapshot);
    put(heading, title(snapshot));
    page.title(title(snapshot));
    shown(sign.element, true);
    put(
      about,
      [
        snapshot.name ? [snapshot.table, snapshot.period].filter(Boolean).join(" ") : "",
        `run ${snapshot.run}`,
        snapshot.namespace === "default" ? "" : `namespace ${snapshot.namespace}`,
        `opened ${fullMoment(snapshot.opened_at)}`,
        ...Object.entries(snapshot.labels ?? {}).map(([name, value]) => `${name}=${value}`),
        snapshot.id,
      ]
        .filter(Boolean)
        .join(" · "),
    );
    const far = progress(snapshot);
    const done = endedFiles(states);
    tiles.files.set(
      count(states.expected > 0 ? done : knownFiles(states)),
      states.expected > 0 ? `of ${count(states.expected)} · ${percent(far.share)}` : `${count(done)} ended`,
    );
    tiles.failed.set(
      count(states.failed),
      typeof snapshot.success_rate === "number" ? `${percent(snapshot.success_rate)} succeeded` : "",
      states.failed > 0 ? "bad" : "",
    );
    tiles.rows.set(short(totals.rows), totals.rows_in_flight > 0 ? `+ ${short(totals.rows_in_flight)} under way` : count(totals.rows));
    tiles.bytes.set(bytes(totals.bytes), snapshot.rates && open ? `${bytes(snapshot.rates.bytes_per_second)}/s` : "");
    tiles.rejected.set(count(totals.rejected_rows), "", totals.rejected_rows > 0 ? "warn" : "");
    tiles.refused.set(count(totals.refused), `of ${short(totals.events + totals.refused)} events`, totals.refused > 0 ? "warn" : "");

    const whole = Math.max(states.expected, knownFiles(states), 1);
    line.set([
      { share: states.completed / whole, kind: "good" },
      { share: states.skipped / whole, kind: "quiet" },
      { share: states.failed / whole, kind: "bad" },
      { share: states.running / whole, kind: "active" },
      { share: states.discovered / whole, kind: "seen" },
    ]);
    const words = [
      ["completed", states.completed, "good"],
      ["skipped", states.skipped, "quiet"],
      ["failed", states.failed, "bad"],
      ["running", states.running, "active"],
      ["discovered", states.discovered, "seen"],
      ["not heard of", Math.max(states.missing ?? 0, states.expected - endedFiles(states) - states.running - states.discovered), "rest"],
    ].filter(([, figure]) => figure > 0);
    fillWith(legend, words.map(([name, figure, kind]) => h("span", { class: "key", data: { kind } }, h("b", null, count(figure)), ` ${name}`)));

    usualText();
    limitBlock.set(snapshot, now);
    chart.set(snapshot);
    failed.set(snapshot);
    shown(actions, page.may);
    shown(cancel, open);
    shown(resume, !open && snapshot.status !== "COMPLETED");
    put(numberOf("refused"), totals.refused > 0 ? short(totals.refused) : "");
    put(numberOf("files"), short(knownFiles(states)));
    put(numberOf("sub-batches"), subCount);
    clocks(now);
  }

  const numberOf = (name) => tabs.find((each) => each.part === name).number;

  function clocks(now) {
    if (!snapshot) {
      return;
    }
    const open = isOpen(snapshot);
    const at = new Date(now).toISOString();
    sign.set(shownStatus(snapshot), detail(snapshot, now));
    tiles.elapsed.set(
      snapshot.started_at ? open ? ticking(secondsBetween(snapshot.started_at, at)) : took(snapshot.elapsed_seconds) : "–",
      snapshot.ended_at ? `until ${moment(snapshot.ended_at, now)}` : snapshot.started_at ? `since ${moment(snapshot.started_at, now)}` : "not started",
    );
    const average = snapshot.elapsed_seconds > 0 ? snapshot.totals.rows / snapshot.elapsed_seconds : null;
    tiles.rate.set(
      rate(open ? currentRate(snapshot, now) : average),
      open && snapshot.rates ? `rows, over ${duration(snapshot.rates.window_seconds)}` : "rows, on average",
    );
    const idle = open ? silentSeconds(snapshot, at) : null;
    tiles.idle.set(open ? ticking(idle) : "–", open ? "since last heard" : "ended", (snapshot.flags ?? []).includes("silent") ? "warn" : "");
    limitBlock.tick(now);
    chart.tick(now);
  }

  function usualText() {
    const told = snapshot.usual;
    shown(usual, Boolean(told));
    if (told) {
      put(
        usual,
        `The last ${count(told.batches)} loads of ${snapshot.table} took ${roughly(told.median_seconds)}, nineteen of twenty at most ${roughly(told.p95_seconds)}${told.median_rows ? `, with ${short(told.median_rows)} rows` : ""}.`,
      );
    }
  }

  async function findExpectation() {
    if (!snapshot.table || snapshot.parent) {
      return;
    }
    try {
      // The list, because to ask for one that is not there would be an error.
      const { items } = await page.calls.get("/expectations");
      const found = items.find((each) => each.table === snapshot.table);
      if (found && !isClosed) {
        put(
          expectation,
          `${snapshot.table} is expected by ${found.schedule} (${found.zone}), ${duration(isoSeconds(found.grace))} of grace; next due ${fullMoment(found.next_due_at)}.${found.overdue_since ? ` Overdue since ${fullMoment(found.overdue_since)}.` : ""}`,
        );
        shown(expectation, true);
      }
    } catch {
      // It is an aside; the batch is shown without it.
    }
  }

  async function countSubBatches() {
    if (snapshot.parent) {
      return;
    }
    try {
      const { items, next } = await page.calls.get(`/batches?parent=${id}&page_size=100`);
      setSubCount(items.length, next === null);
    } catch {
      // The part itself says what went wrong.
    }
  }

  function setSubCount(number, isWhole) {
    subCount = number > 0 ? `${count(number)}${isWhole ? "" : "+"}` : "";
    put(numberOf("sub-batches"), subCount);
    part?.divided?.(number > 0);
  }

  function makePart(name) {
    switch (name) {
      case "reconciliation":
        return reconciliation(page, id, there.filters);
      case "sub-batches":
        return subBatches(page, id, setSubCount);
      case "verdicts":
        return verdicts(page, id);
      case "refused":
        return refused(page, id, () => load().catch(() => {}));
      default:
        return files(page, id, there.filters);
    }
  }

  function showPart() {
    if (there.part !== partName) {
      part?.close();
      partName = there.part;
      part = makePart(partName);
      fillWith(partBox, part.element);
      part.set(snapshot);
      part.divided?.(subCount !== "");
      for (const each of tabs) {
        attribute(each.element, "aria-current", each.part === partName ? "true" : null);
      }
    }
    part.show(there.filters);
    failed.show(partName === "files" ? there.filters.error : "");
  }

  async function cancelIt() {
    const message = await ask({
      title: `Cancel ${title(snapshot)}?`,
      text: "The loader is told at once, and what it sends from then on is refused. Open sub-batches end too.",
      action: "cancel",
      confirm: "Cancel batch",
      remark: "Why (kept with the verdict)",
      isGrave: true,
    });
    await end(message, "CANCELLED");
  }

  async function resumeIt() {
    const message = await ask({
      title: `Resume ${title(snapshot)}?`,
      text: `Run ${snapshot.run + 1} begins with fresh clocks. Loaders have to name it, or are refused.`,
      action: "resume",
      confirm: "Resume",
      remark: "Why (kept with the verdict)",
    });
    await end(message, "RUNNING");
  }

  async function end(message, status) {
    if (message === null) {
      return;
    }
    try {
      take(await page.calls.change("PUT", `/batches/${id}/status`, message ? { status, message } : { status }, snapshot.run));
    } catch (failure) {
      page.note(failure.message, true);
      load().catch(() => {});
    }
  }

  page.want(batchFeed(id));
  load().catch(() => {});

  return {
    element,
    show(next) {
      there = next;
      if (snapshot) {
        showPart();
      }
    },
    refresh: load,
    event(event, data) {
      if ((event === "status" || event === "snapshot") && data.id === id) {
        take(data);
      } else if (event === "verdict" && data.batch === id && data.verdict) {
        page.say(`${snapshot ? title(snapshot) : shortId(id)}: ${verdictText(data.verdict)}`);
      }
      part?.event?.(event, data);
    },
    tick(now) {
      clocks(now);
      part?.tick(now);
    },
    walk: (step) => (part?.walk ? part.walk(step) : walkRows(step)),
    failures() {
      page.replace(batchAt(id, "files", { status: "FAILED" }));
      document.getElementById("files-scroll")?.scrollIntoView({ block: "nearest" });
      return true;
    },
    close() {
      isClosed = true;
      part?.close();
      chart.close();
    },
  };

  function walkRows(step) {
    const rows = [...partBox.querySelectorAll("[data-row-link]")];
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step))];
    next?.focus();
    return next !== undefined;
  }
}
