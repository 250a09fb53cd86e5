// The page around the views: which view is shown, the feed, the clock, the banner, keys and help.

import * as calls from "./calls.js";
import { serverClock } from "./clock.js";
import { fillWith, h, put, shown } from "./dom.js";
import { sharedFeed, SILENCE_MILLIS } from "./feed.js";
import { duration, timeOfDay, unturned } from "./format.js";
import { watchKeys } from "./keys.js";
import * as place from "./place.js";
import { batchesView } from "./batches.js";
import { batchView } from "./batch.js";
import { healthView } from "./health.js";
import { webhooksView } from "./webhooks.js";

const HEALTH_MILLIS = 15_000;

const byId = (id) => document.getElementById(id);
const main = byId("view");
const clock = serverClock();

/** What views may use. */
const page = {
  clock,
  calls,
  session: null,
  may: false,
  go,
  replace,
  want,
  say: (text) => put(byId("announcer"), text),
  note,
  title(text) {
    document.title = unturned(`${text} · File Audit`);
  },
};

/** The feed that the view needs; null where it has none, or asks by itself. */
let wanted = null;

function want(address) {
  wanted = address;
  feed.want(address);
}

const VIEWS = { batches: batchesView, batch: batchView, health: healthView, webhooks: webhooksView };

let view = null;
let showing = "";
/** When something was last heard of the service, by the ticks of this machine and by the server's clock. */
let heard = { ticks: performance.now(), at: null };
let stale = false;

// --- the feed ---

function hear(iso) {
  if (iso) {
    clock.hear(iso);
  }
  heard = { ticks: performance.now(), at: clock.now() };
}

const feed = sharedFeed({
  async onOpen() {
    try {
      await view?.refresh();
      hear();
      setStale(false);
    } catch {
      // Shown by the view; the banner stays until something is heard.
    }
  },
  onEvent(event, data) {
    hear(data.now);
    if (event === "tick") {
      setStale(false);
    }
    if (event === "gap") {
      view?.refresh()?.catch(() => {});
    }
    view?.event(event, data);
  },
  onState: connection,
  onFailure() {
    // A feed does not say why it could not be opened; this call leads to the login where that is why.
    calls.session().catch(() => {});
  },
});

function connection(isLive) {
  const sign = byId("connection");
  sign.dataset.state = isLive ? "live" : "reconnecting";
  put(sign, isLive ? "Live" : "Reconnecting");
}

function setStale(now) {
  if (now) {
    put(byId("banner"), `As of ${timeOfDay(heard.at)}, reconnecting`);
  }
  if (stale !== now) {
    stale = now;
    shown(byId("banner"), now);
  }
}

function look() {
  if (document.hidden) {
    feed.leave();
  } else {
    heard = { ...heard, ticks: performance.now() };
    feed.join();
    health();
  }
}

// --- what all views show ---

function tick() {
  if (document.hidden) {
    return;
  }
  if (performance.now() - heard.ticks > SILENCE_MILLIS) {
    setStale(true);
  }
  showClock();
  // Of a service that is not heard nobody knows how long a batch has been idle.
  if (!stale) {
    view?.tick(clock.now());
  }
}

function showClock() {
  put(byId("clock"), clock.isSet() ? timeOfDay(clock.now()) : "");
}

let asked = -Infinity;

async function health() {
  if (document.hidden || performance.now() - asked < HEALTH_MILLIS - 1000) {
    return;
  }
  asked = performance.now();
  try {
    const told = await calls.get("/health");
    sweep(told);
    showClock();
    if (wanted === null) {
      page.heard(told.now);
    }
  } catch {
    // The banner tells where the service does not answer at all.
  }
}

/** With no sweep, "no stuck batches" would be a lie, on whatever view one is. */
function sweep(health) {
  clock.hear(health.now);
  const stopped = health.sweep?.stopped === true;
  const age = health.sweep?.age_seconds;
  shown(byId("sweep-alert"), stopped);
  if (stopped) {
    put(
      byId("sweep-alert"),
      `The sweep has stopped${typeof age === "number" ? ` ${duration(age)} ago` : ""}: batches that are stuck are not ended, and may not be shown as such.`,
    );
  }
}

page.sweep = sweep;
/** What a view that asks by itself, and has no feed, heard. */
page.heard = (iso) => {
  hear(iso);
  setStale(false);
  connection(true);
};
page.silent = () => connection(false);

let noteEnds = null;

/** Says for a while what came of an action. */
function note(text, isBad = false) {
  const line = byId("note");
  put(line, text);
  line.dataset.kind = isBad ? "bad" : "good";
  shown(line, true);
  clearTimeout(noteEnds);
  noteEnds = setTimeout(() => shown(line, false), isBad ? 12_000 : 5_000);
}

// --- which view is shown ---

function show(focus) {
  const there = place.read(location);
  const key = `${there.view} ${there.id ?? ""}`;
  if (key === showing) {
    view.show(there);
    return;
  }
  view?.close();
  showing = key;
  want(null);
  view = VIEWS[there.view](page, there);
  fillWith(main, view.element);
  for (const item of document.querySelectorAll("#nav a")) {
    const current = item.dataset.view === (there.view === "batch" ? "batches" : there.view);
    if (current) {
      item.setAttribute("aria-current", there.view === "batch" ? "true" : "page");
    } else {
      item.removeAttribute("aria-current");
    }
  }
  view.tick(clock.now());
  if (focus) {
    window.scrollTo(0, 0);
    main.querySelector("h1")?.focus({ preventScroll: true });
  }
}

/** Goes to an address of the page. */
function go(address) {
  if (address !== location.pathname + location.search + location.hash) {
    history.pushState(null, "", address);
    show(true);
  }
}

/** Changes the address of what is shown, without a step to go back to. */
function replace(address) {
  history.replaceState(null, "", address);
  show(false);
}

const isView = (url) =>
  url.origin === location.origin && /^\/ui(\/batches\/[^/]+|\/health|\/webhooks)?\/?$/.test(url.pathname);

document.addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a[href]");
  if (
    !anchor ||
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey ||
    anchor.target ||
    anchor.hasAttribute("download") ||
    anchor.getAttribute("href").startsWith("#main")
  ) {
    return;
  }
  const url = new URL(anchor.href);
  if (isView(url)) {
    event.preventDefault();
    go(url.pathname + url.search + url.hash);
  }
});

/** Whoever may look into several namespaces is shown which one this is, and may name another. */
function offerNamespaces({ namespace, namespaces }) {
  if (namespaces.length < 2 && !namespaces.includes("*")) {
    return;
  }
  const field = byId("namespace");
  field.value = namespace;
  fillWith(byId("namespaces"), ...namespaces.filter((name) => name !== "*").map((name) => h("option", { value: name })));
  shown(byId("namespace-form"), true);
  byId("namespace-form").addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(place.batchesAt({}, field.value.trim()));
  });
  field.addEventListener("change", () => byId("namespace-form").requestSubmit());
}

for (const item of document.querySelectorAll("#nav a[data-view], .brand")) {
  item.href = item.dataset.view === "health" ? place.healthAt() : item.dataset.view === "webhooks" ? place.webhooksAt() : place.batchesAt();
}

async function start() {
  try {
    page.session = await calls.session();
  } catch (problem) {
    fillWith(main, h("p", { class: "problem", id: "problem" }, problem.message));
    if (problem.status !== 401) {
      setTimeout(start, 5000);
    }
    return;
  }
  page.may = calls.maySteer(page.session);
  shown(document.querySelector("#nav [data-view=webhooks]"), calls.mayOperate(page.session));
  put(byId("who"), page.session.name);
  offerNamespaces(page.session);
  show(false);
  look();
  window.addEventListener("popstate", () => show(false));
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pagehide", () => feed.leave());
  window.addEventListener("pageshow", (event) => event.persisted && look());
  watchKeys({ help: byId("help"), view: () => view, go });
  setInterval(tick, 1000);
  setInterval(health, HEALTH_MILLIS);
}

byId("open-help").addEventListener("click", () => byId("help").showModal());
byId("close-help").addEventListener("click", () => byId("help").close());
start();
