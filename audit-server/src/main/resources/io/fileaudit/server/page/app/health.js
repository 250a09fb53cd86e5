// The node that answers: what comes in, how fast it is acknowledged, and whether batches are watched.

import { bar, spark } from "./bars.js";
import { facts } from "./dialogs.js";
import { attribute, fillWith, h, link, put, shown } from "./dom.js";
import { count, duration, fullMoment, isoSeconds, latency, rate, secondsBetween, ticking, UNKNOWN } from "./format.js";
import { batchesAt } from "./place.js";

const MILLIS = 5000;
const REMEMBERED = 120;

function card(id, title) {
  const value = h("p", { class: "big", id });
  const below = h("p", { class: "below" });
  const drawing = h("div", { class: "drawing" });
  const element = h("section", { class: "card health", data: { health: id }, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), value, below, drawing);
  const past = [];
  return {
    element,
    drawing,
    set(text, more = "", kind = "") {
      put(value, text);
      put(below, more);
      attribute(element, "data-kind", kind || null);
    },
    remember(figure) {
      past.push(figure ?? null);
      if (past.length > REMEMBERED) {
        past.shift();
      }
      fillWith(drawing, past.filter((each) => each !== null).length > 1 && spark(past));
    },
  };
}

/** The view at `/ui/health`. */
export function healthView(page) {
  const problem = h("p", { class: "problem", id: "problem", hidden: true });
  const summary = h("p", { class: "summary", id: "summary" });
  const cards = {
    ingest: card("ingest", "Events in"),
    acknowledgement: card("acknowledgement", "Acknowledged within (p99)"),
    refused: card("refused-rate", "Refused lines"),
    sweep: card("sweep", "Last sweep"),
    pool: card("pool", "Database connections"),
    feeds: card("feeds", "Live feeds"),
    store: card("store", "Database"),
    kafka: card("kafka", "Kafka"),
  };
  const used = bar("pool");
  cards.pool.drawing.append(used.element);
  const rows = h("tbody", { role: "rowgroup" });
  const expected = h(
    "section",
    { hidden: true, "aria-labelledby": "expectations-title" },
    h("h2", { id: "expectations-title" }, "Expected tables"),
    h(
      "div",
      { class: "table-box" },
      h(
        "table",
        { id: "expectations", role: "table", class: "list" },
        h("caption", { class: "unseen" }, "Tables that are expected by a schedule"),
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ["Table", "Schedule", "Grace", "Next due", ""].map((name) => h("th", { scope: "col", role: "columnheader" }, name || "State")))),
        rows,
      ),
    ),
  );
  const about = h("div", { class: "about" });
  const element = h(
    "div",
    { class: "view", data: { view: "health" } },
    h("div", { class: "head" }, h("h1", { tabindex: "-1" }, "Health"), summary),
    problem,
    h("div", { class: "cards" }, Object.values(cards).map((each) => each.element)),
    expected,
    about,
  );
  let asked = -Infinity;
  let told = null;
  let isClosed = false;

  page.title("Health");
  page.want(null);

  async function load() {
    asked = performance.now();
    try {
      told = await page.calls.get("/health");
      if (isClosed) {
        return;
      }
      page.sweep(told);
      page.heard(told.now);
      shown(problem, false);
      draw();
    } catch (failure) {
      put(problem, failure.message);
      shown(problem, true);
      page.silent();
      throw failure;
    }
  }

  function draw() {
    const { ingest = {}, sweep = {}, pool, feeds = {}, store = {}, kafka } = told;
    const window = told.window_seconds ? `over the last ${duration(told.window_seconds)}` : "";
    cards.ingest.set(rate(ingest.events_per_second), window);
    cards.ingest.remember(ingest.events_per_second);
    cards.acknowledgement.set(latency(ingest.acknowledgement_p99_seconds), ingest.acknowledgement_p99_seconds === null ? "nothing to acknowledge" : window);
    cards.acknowledgement.remember(ingest.acknowledgement_p99_seconds);
    cards.refused.set(rate(ingest.refused_per_second), window, ingest.refused_per_second > 0 ? "warn" : "");
    cards.refused.remember(ingest.refused_per_second);
    const age = sweep.age_seconds;
    cards.sweep.set(
      sweep.stopped ? "Stopped" : typeof age === "number" ? `${latency(age)} ago` : UNKNOWN,
      sweep.stopped ? `${typeof age === "number" ? `the last one was ${ticking(age)} ago` : "none was made"}; limits end nothing` : `every ${latency(sweep.interval_seconds)}`,
      sweep.stopped ? "bad" : "",
    );
    if (pool) {
      cards.pool.set(`${count(pool.in_use)} of ${count(pool.size)}`, pool.waiting > 0 ? `${count(pool.waiting)} wait for one` : "in use, none waits for one", pool.waiting > 0 ? "warn" : "");
      used.set([{ share: pool.size > 0 ? pool.in_use / pool.size : 0, kind: "fill" }]);
    } else {
      cards.pool.set(UNKNOWN);
    }
    const all = Object.values(feeds).filter((each) => typeof each === "number");
    cards.feeds.set(all.length > 0 ? count(all.reduce((sum, each) => sum + each, 0)) : UNKNOWN, Object.entries(feeds).map(([name, figure]) => `${count(figure)} ${name === "many" ? "of many" : name}`).join(", "));
    cards.store.set(store.reachable === false ? "Unreachable" : store.reachable ? "Reachable" : UNKNOWN, "", store.reachable === false ? "bad" : "");
    if (kafka) {
      const waits = kafka.unsent > 0 ? `, ${count(kafka.unsent)} changes of status wait to be sent` : "";
      cards.kafka.set(kafka.reachable ? count(kafka.lag) : "Unreachable", kafka.reachable ? `records behind, ${count(kafka.partitions)} partitions read here${waits}` : `${count(kafka.lag)} records were behind; HTTP goes on`, kafka.reachable ? "" : "bad");
    } else {
      cards.kafka.set("Off", "no brokers are set");
    }
    const sound = !sweep.stopped && store.reachable !== false && (!kafka || kafka.reachable);
    put(summary, sound ? "All is well" : "Needs a person");
    attribute(summary, "data-kind", sound ? "good" : "bad");
    fillWith(about, facts([["Node", told.node], ["Up", told.started_at ? `${ticking(secondsBetween(told.started_at, told.now))}, since ${fullMoment(told.started_at)}` : null], ["Time zone shown", Intl.DateTimeFormat().resolvedOptions().timeZone]]));
  }

  async function findExpectations() {
    try {
      const { items } = await page.calls.get("/expectations");
      fillWith(
        rows,
        items.map((each) =>
          h(
            "tr",
            { role: "row", data: { expectation: each.table } },
            h("td", { role: "cell" }, link(batchesAt({ table: each.table }), { data: { rowLink: "" } }, each.table)),
            h("td", { role: "cell" }, h("code", null, each.schedule), h("span", { class: "below" }, each.zone)),
            h("td", { role: "cell", data: { name: "Grace" } }, duration(isoSeconds(each.grace))),
            h("td", { role: "cell", data: { name: "Next due" } }, fullMoment(each.next_due_at)),
            h("td", { role: "cell", class: each.overdue_since ? "bad" : "" }, each.overdue_since ? `overdue since ${fullMoment(each.overdue_since)}` : "in time"),
          ),
        ),
      );
      shown(expected, items.length > 0);
    } catch {
      // The figures above say whether the service answers.
    }
  }

  load().catch(() => {});
  findExpectations();

  return {
    element,
    show() {},
    refresh: load,
    event() {},
    tick() {
      if (performance.now() - asked >= MILLIS) {
        load().catch(() => {});
      }
    },
    close() {
      isClosed = true;
    },
  };
}
