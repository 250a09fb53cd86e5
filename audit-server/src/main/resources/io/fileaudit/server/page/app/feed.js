// One feed for all tabs of a browser. HTTP/1.1 browsers keep six connections to a service, so that a
// feed for each of ten tabs would leave none for anything else. The tab that holds a lock of the
// browser reads the feed and tells the others; a tab that is hidden leaves, and holds nothing.

import { backoff } from "./backoff.js";
import { NAMESPACE, within } from "./namespace.js";

/** After how long without a sign a feed counts as dead. The service ticks every 15 seconds. */
export const SILENCE_MILLIS = 45_000;

const EVENTS = ["snapshot", "status", "verdict", "tick", "gap", "closing"];
/** Tabs of one namespace share a feed. */
const NAME = `file-audit-feed${NAMESPACE && `-${NAMESPACE}`}`;
const EVERYTHING = within("/api/v1/feed?snapshots=false");
const GATHER_MILLIS = 200;
const BEACON_MILLIS = 10_000;
const LOST_LEADER_MILLIS = 35_000;

/** The address of the feed of one batch. */
export const batchFeed = (id) => within(`/api/v1/batches/${id}/feed`);

/** The address of the feed of a list: without the batches that are there, which the list has fetched. */
export function listFeed({ table, period, q }) {
  const query = new URLSearchParams({ snapshots: "false" });
  for (const [name, value] of Object.entries({ table, period, q })) {
    if (value) {
      query.set(name, value);
    }
  }
  return within(`/api/v1/feed?${query}`);
}

/**
 * The one feed that serves all tabs: the very one that is wanted where there is one, else everything.
 *
 * @param {Iterable<string|null>} wanted
 * @returns {string|null}
 */
export function common(wanted) {
  const distinct = new Set([...wanted].filter(Boolean));
  return distinct.size > 1 ? EVERYTHING : ([...distinct][0] ?? null);
}

/** Keeps the latest state of each batch, and whatever else came, in the order in which it came. */
export function gather(events) {
  const latest = new Map();
  events.forEach(({ event, data }, index) => {
    if (event === "status" || event === "snapshot") {
      latest.set(data.id, index);
    }
  });
  return events.filter(
    ({ event, data }, index) => (event !== "status" && event !== "snapshot") || latest.get(data.id) === index,
  );
}

/**
 * A tab's share in the feed.
 *
 * @param {{
 *   onOpen: () => void,
 *   onEvent: (event: string, data: object) => void,
 *   onState: (connected: boolean) => void,
 *   onFailure: () => void,
 * }} listener `onOpen` where the feed begins anew, and what is shown must be fetched; `onFailure` where it
 *     could not be opened, which may mean that nobody is signed in any more
 * @param {object} [browser] what of the browser it uses, for tests
 */
export function sharedFeed(listener, browser = {}) {
  const {
    connect = (address) => new EventSource(address),
    channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME),
    locks = globalThis.navigator?.locks ?? null,
    random = Math.random,
    tab = Math.random().toString(36).slice(2),
    now = () => performance.now(),
  } = browser;

  let present = false;
  let leading = false;
  let wanted = null;
  /** What the other tabs want, by tab, with the time at which they last said so. */
  const others = new Map();
  let leaderHeard = 0;
  let giveUp = null;
  let release = null;

  let source = null;
  let address = null;
  let open = false;
  let tries = 0;
  let heard = 0;
  let retry = null;
  let gathered = [];
  let gathering = null;

  const say = (message) => channel?.postMessage({ ...message, tab });

  // --- what every tab does ---

  function deliver(events) {
    events.forEach(({ event, data }) => listener.onEvent(event, data));
  }

  function receive({ data: message }) {
    if (message.tab === tab || (message.to && message.to !== tab)) {
      return;
    }
    switch (message.type) {
      case "want": {
        const isNew = others.get(message.tab)?.address !== message.address;
        others.set(message.tab, { address: message.address, at: now() });
        if (leading && !aim() && open && isNew) {
          say({ type: "open", to: message.tab });
        }
        return;
      }
      case "leave":
        others.delete(message.tab);
        if (leading) {
          aim();
        }
        return;
      default:
    }
    if (!present || leading) {
      return;
    }
    leaderHeard = now();
    switch (message.type) {
      case "who":
        say({ type: "want", address: wanted });
        break;
      case "open":
        listener.onState(true);
        listener.onOpen();
        break;
      case "down":
        listener.onState(false);
        break;
      case "events":
        deliver(message.events);
        break;
      default:
    }
  }

  // --- what the tab that leads does ---

  /** Turns to the feed that serves all; says whether that is another one than before. */
  function aim() {
    const next = common([wanted, ...[...others.values()].map((other) => other.address)]);
    if (next === address) {
      return false;
    }
    address = next;
    tries = 0;
    reconnect(0);
    return true;
  }

  function reconnect(seconds) {
    disconnect();
    if (address !== null) {
      retry = setTimeout(read, seconds * 1000);
    }
  }

  function disconnect() {
    clearTimeout(retry);
    retry = null;
    source?.close();
    source = null;
    open = false;
  }

  function read() {
    const mine = connect(address);
    source = mine;
    heard = now();
    mine.addEventListener("open", () => {
      if (source !== mine) {
        return;
      }
      tries = 0;
      open = true;
      heard = now();
      say({ type: "open" });
      listener.onState(true);
      listener.onOpen();
    });
    mine.addEventListener("error", () => {
      if (source === mine) {
        lost();
      }
    });
    for (const event of EVENTS) {
      mine.addEventListener(event, (message) => {
        if (source !== mine) {
          return;
        }
        heard = now();
        if (event === "closing") {
          lost();
        } else {
          gathered.push({ event, data: JSON.parse(message.data) });
          gathering ??= setTimeout(flush, GATHER_MILLIS);
        }
      });
    }
  }

  /** Browsers try again by themselves, but not after an answer that is none, such as a proxy's 503. */
  function lost() {
    say({ type: "down" });
    listener.onState(false);
    listener.onFailure();
    reconnect(backoff(tries, random));
    tries += 1;
  }

  function flush() {
    gathering = null;
    const events = gather(gathered);
    gathered = [];
    if (leading) {
      say({ type: "events", events });
      deliver(events);
    }
  }

  function lead() {
    leading = true;
    say({ type: "who" });
    aim();
  }

  function follow() {
    leading = false;
    disconnect();
    address = null;
    gathered = [];
  }

  /** Waits for its turn to lead; takes it where the tab that leads does nothing any more. */
  function queue(steal) {
    if (!locks || !channel) {
      lead();
      return;
    }
    const waiting = new AbortController();
    giveUp = waiting;
    locks
      .request(NAME, steal ? { steal: true } : { signal: waiting.signal }, () => {
        if (!present || giveUp !== waiting) {
          return undefined;
        }
        lead();
        return new Promise((done) => {
          release = done;
        });
      })
      .catch(() => {
        // Left meanwhile, or another tab took the lead: then this one waits for its turn again.
        if (present && giveUp === waiting) {
          follow();
          leaderHeard = now();
          queue(false);
          say({ type: "want", address: wanted });
        }
      });
  }

  function beat() {
    if (!present) {
      return;
    }
    if (!leading) {
      say({ type: "want", address: wanted });
      if (now() - leaderHeard > LOST_LEADER_MILLIS) {
        leaderHeard = now();
        giveUp?.abort();
        queue(true);
      }
      return;
    }
    say({ type: "lead" });
    for (const [other, { at }] of others) {
      if (now() - at > 4 * BEACON_MILLIS) {
        others.delete(other);
      }
    }
    aim();
    if (source && now() - heard > SILENCE_MILLIS) {
      lost();
    }
  }

  channel?.addEventListener("message", receive);
  const beats = setInterval(beat, BEACON_MILLIS);

  return {
    /** Begins to take part, as a tab does that is looked at. */
    join() {
      if (present) {
        return;
      }
      present = true;
      leaderHeard = now();
      queue(false);
      say({ type: "want", address: wanted });
    },
    /** Stops taking part; another tab reads the feed from then on. */
    leave() {
      if (!present) {
        return;
      }
      present = false;
      const waiting = giveUp;
      giveUp = null;
      follow();
      release?.();
      release = null;
      waiting?.abort();
      say({ type: "leave" });
    },
    /** Says which feed this tab needs; null for none. */
    want(next) {
      if (next === wanted) {
        return;
      }
      wanted = next;
      if (!present) {
        return;
      }
      if (leading) {
        if (!aim() && open) {
          listener.onOpen();
        }
      } else {
        say({ type: "want", address: wanted });
      }
    },
    /** Whether this tab is the one that reads the feed. */
    leads: () => leading,
    /** Ends all that it does, for good. */
    close() {
      this.leave();
      clearInterval(beats);
      clearTimeout(gathering);
      channel?.close?.();
    },
  };
}
