// Webhooks: whom the service tells, whether they hear it, and what became of what they were told.

import { attribute, button, fillWith, h, link, put, shown } from "./dom.js";
import { count, fullMoment, moment } from "./format.js";
import { hookLog } from "./hooklog.js";
import { webhooksAt } from "./place.js";

const MILLIS = 5000;

/** How a webhook is, worst first: its rank, a word, and what is to be said of it. */
export function standing(hook) {
  if (!hook.enabled) {
    return hook.disabled_reason ? { rank: 0, word: "Switched off", kind: "bad", why: hook.disabled_reason } : { rank: 4, word: "Off", kind: "", why: "" };
  }
  if (hook.last && hook.last.state !== "delivered") {
    return { rank: 1, word: "Failing", kind: "bad", why: hook.last.last_error ?? "" };
  }
  return hook.waiting > 0 ? { rank: 2, word: "Waiting", kind: "warn", why: "" } : { rank: 3, word: hook.last ? "Well" : "Not used yet", kind: "", why: "" };
}

/** The failing ones first, then by name. */
export const inOrder = (hooks) =>
  [...hooks].sort((one, other) => standing(one).rank - standing(other).rank || (one.name < other.name ? -1 : 1));

/** The view at `/ui/webhooks`. */
export function webhooksView(page, there) {
  const problem = h("p", { class: "problem", id: "problem", hidden: true });
  const summary = h("p", { class: "summary", id: "summary" });
  const none = h("p", { class: "none", id: "none", hidden: true }, "No webhook is set: nobody is told of batches that end badly.");
  const rows = h("tbody", { role: "rowgroup" });
  const table = h(
    "table",
    { id: "webhooks", role: "table", class: "list" },
    h("caption", { class: "unseen" }, "Webhooks, the failing ones first"),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ["Name", "State", "Goes to", "Told of", "Waiting", "Last", ""].map((name) => h("th", { scope: "col", role: "columnheader" }, name || h("span", { class: "unseen" }, "Actions"))))),
    rows,
  );
  const log = h("div", { id: "log" });
  const element = h(
    "div",
    { class: "view", data: { view: "webhooks" } },
    h("div", { class: "head" }, h("h1", { tabindex: "-1" }, "Webhooks"), summary),
    problem,
    h("div", { class: "table-box" }, table),
    none,
    log,
  );
  let asked = -Infinity;
  let isClosed = false;
  let chosen = null;
  let told = "";

  page.title("Webhooks");
  page.want(null);

  async function load() {
    asked = performance.now();
    try {
      const { items } = await page.calls.get("/webhooks");
      if (isClosed) {
        return;
      }
      shown(problem, false);
      draw(items);
    } catch (failure) {
      put(problem, failure.status === 403 ? "Webhooks are shown to those who may operate." : failure.message);
      shown(problem, true);
      throw failure;
    }
  }

  function draw(items) {
    const bad = items.filter((hook) => standing(hook).kind === "bad").length;
    put(summary, items.length === 0 ? "" : bad > 0 ? `${count(bad)} of ${count(items.length)} need a person` : "All is well");
    attribute(summary, "data-kind", items.length === 0 ? null : bad > 0 ? "bad" : "good");
    shown(none, items.length === 0);
    const next = JSON.stringify(items);
    // What has the focus stays where it is, until something is new.
    if (next !== told) {
      told = next;
      const focused = document.activeElement?.closest?.("#webhooks [data-webhook]")?.dataset.webhook;
      const action = document.activeElement?.dataset?.action ?? "";
      fillWith(rows, inOrder(items).map(row));
      if (focused) {
        rows.querySelector(`[data-webhook="${CSS.escape(focused)}"] ${action ? `[data-action="${action}"]` : "a"}`)?.focus();
      }
    }
    shown(table, items.length > 0);
  }

  function row(hook) {
    const { word, kind, why } = standing(hook);
    const last = hook.last;
    return h(
      "tr",
      { role: "row", data: { webhook: hook.name, state: word } },
      h("td", { role: "cell" }, link(webhooksAt(hook.name), { data: { rowLink: "" } }, hook.name)),
      h("td", { role: "cell", class: kind === "bad" ? "bad" : "" }, word, why && h("span", { class: "below" }, why)),
      h("td", { role: "cell", data: { name: "Goes to" } }, host(hook.url)),
      h("td", { role: "cell", data: { name: "Told of" } }, hook.events.join(", "), h("span", { class: "below" }, hook.tables ? `tables ${hook.tables.join(", ")}` : "all tables")),
      h("td", { role: "cell", class: "figure", data: { name: "Waiting" } }, hook.waiting >= 1000 ? "1,000 or more" : count(hook.waiting)),
      h("td", { role: "cell", class: "when", data: { name: "Last" } }, last ? [h("time", { datetime: last.last_at, title: fullMoment(last.last_at) }, moment(last.last_at, page.clock.now())), h("span", { class: "below" }, last.event)] : ""),
      h("td", { role: "cell", class: "actions" }, button("test", "Test", (event) => test(hook.name, event.currentTarget), { class: "small", "aria-label": `Test ${hook.name}` })),
    );
  }

  const host = (url) => {
    try {
      return new URL(url).host;
    } catch {
      return url;
    }
  };

  async function test(name, pressed) {
    pressed.disabled = true;
    try {
      const outcome = await page.calls.change("POST", `/webhooks/${encodeURIComponent(name)}/test`, {});
      page.note(outcome.delivered ? `${name} answered ${outcome.status} after ${count(outcome.millis)} ms.` : `${name}: ${outcome.error}`, !outcome.delivered);
    } catch (failure) {
      page.note(failure.message, true);
    } finally {
      pressed.disabled = false;
    }
    load().catch(() => {});
    chosen?.read();
  }

  function show({ webhook }) {
    if ((chosen?.name ?? "") !== webhook) {
      chosen = webhook ? hookLog(page, webhook, () => load().catch(() => {})) : null;
      fillWith(log, chosen?.element);
      chosen?.read();
    }
  }

  load().catch(() => {});
  show(there);

  return {
    element,
    show,
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
