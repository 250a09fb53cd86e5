import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../../main/resources/io/fileaudit/server/page/app/backoff.js";
import { batchFeed, common, gather, listFeed, sharedFeed } from "../../main/resources/io/fileaudit/server/page/app/feed.js";

const soon = () => new Promise((done) => setTimeout(done, 15));
const gathered = () => new Promise((done) => setTimeout(done, 260));

/** A browser with tabs: its locks, its channel, and the feeds that it has open. */
function browser() {
  const channels = new Set();
  const queue = [];
  let holder = null;
  const feeds = [];

  function grant() {
    if (holder === null && queue.length > 0) {
      const next = queue.shift();
      holder = next;
      Promise.resolve(next.work()).then(() => {
        if (holder === next) {
          holder = null;
          grant();
        }
        next.done();
      });
    }
  }

  const locks = {
    request(_, options, work) {
      return new Promise((done, refused) => {
        const entry = { work, done, refused };
        if (options.steal) {
          holder?.refused(new Error("stolen"));
          holder = null;
          queue.unshift(entry);
        } else {
          queue.push(entry);
          options.signal?.addEventListener("abort", () => {
            if (queue.includes(entry)) {
              queue.splice(queue.indexOf(entry), 1);
              refused(new Error("aborted"));
            }
          });
        }
        grant();
      });
    },
  };

  function channel() {
    const listeners = [];
    const self = {
      addEventListener: (_, listener) => listeners.push(listener),
      postMessage(message) {
        const data = structuredClone(message);
        for (const other of channels) {
          if (other !== self) {
            queueMicrotask(() => other.hear({ data }));
          }
        }
      },
      hear: (event) => listeners.forEach((listener) => listener(event)),
      close: () => channels.delete(self),
    };
    channels.add(self);
    return self;
  }

  function connect(address) {
    const listeners = {};
    const feed = {
      address,
      isClosed: false,
      addEventListener: (event, listener) => {
        (listeners[event] ??= []).push(listener);
      },
      close() {
        feed.isClosed = true;
      },
      fire: (event, data) => (listeners[event] ?? []).forEach((listener) => listener({ data: JSON.stringify(data ?? {}) })),
    };
    feeds.push(feed);
    return feed;
  }

  const tabs = [];
  return {
    feeds,
    channel,
    open: () => feeds.filter((feed) => !feed.isClosed),
    tab(name, more = {}) {
      const heard = [];
      const made = sharedFeed(
        {
          onOpen: () => heard.push("open"),
          onEvent: (event, data) => heard.push(`${event} ${data.id ?? data.batch ?? data.now}`),
          onState: () => {},
          onFailure: () => heard.push("failure"),
        },
        { tab: name, connect, channel: channel(), locks, random: () => 0, ...more },
      );
      tabs.push(made);
      return { ...made, heard };
    },
    end: () => tabs.forEach((tab) => tab.close()),
  };
}

test("ten tabs hold one feed, and all of them hear", async (t) => {
  const there = browser();
  t.after(there.end);
  const tabs = Array.from({ length: 10 }, (_, number) => there.tab(`t${number}`));
  for (const [number, tab] of tabs.entries()) {
    tab.join();
    tab.want(batchFeed(`b${number}`));
  }
  await soon();
  await soon();
  assert.equal(there.open().length, 1);
  assert.equal(there.open()[0].address, "/api/v1/feed?snapshots=false");
  there.open()[0].fire("open");
  there.open()[0].fire("status", { id: "b7", version: 3 });
  await gathered();
  for (const tab of tabs) {
    assert.deepEqual(tab.heard, ["open", "status b7"]);
  }
});

test("tabs that want the same have the very feed of it", async (t) => {
  const there = browser();
  t.after(there.end);
  const [one, other] = [there.tab("one"), there.tab("other")];
  one.join();
  one.want(batchFeed("b1"));
  other.want(batchFeed("b1"));
  other.join();
  await soon();
  assert.deepEqual(there.open().map((feed) => feed.address), ["/api/v1/batches/b1/feed"]);
});

test("a tab that comes later is told that the feed is there", async (t) => {
  const there = browser();
  t.after(there.end);
  const one = there.tab("one");
  one.want(batchFeed("b1"));
  one.join();
  await soon();
  there.open()[0].fire("open");
  const other = there.tab("other");
  other.want(batchFeed("b1"));
  other.join();
  await soon();
  assert.deepEqual(other.heard, ["open"]);
});

test("a hidden tab holds nothing, and another one takes over", async (t) => {
  const there = browser();
  t.after(there.end);
  const [one, other] = [there.tab("one"), there.tab("other")];
  one.want(batchFeed("b1"));
  other.want(batchFeed("b2"));
  one.join();
  other.join();
  await soon();
  assert.equal(one.leads(), true);
  one.leave();
  await soon();
  assert.equal(other.leads(), true);
  assert.deepEqual(there.open().map((feed) => feed.address), ["/api/v1/batches/b2/feed"]);
  other.leave();
  assert.equal(there.open().length, 0);
  one.join();
  await soon();
  assert.deepEqual(there.open().map((feed) => feed.address), ["/api/v1/batches/b1/feed"]);
});

test("a feed that fails is opened again, later each time, and its reader told why it might", async (t) => {
  const there = browser();
  t.after(there.end);
  const tab = there.tab("one");
  tab.want(batchFeed("b1"));
  tab.join();
  await soon();
  there.open()[0].fire("error");
  assert.equal(there.open().length, 0);
  assert.deepEqual(tab.heard, ["failure"]);
  await new Promise((done) => setTimeout(done, 600));
  assert.equal(there.open().length, 1);
  there.open()[0].fire("closing");
  assert.equal(there.open().length, 0, "a node that stops has ended its feed");
});

test("without locks each tab has a feed of its own", async (t) => {
  const there = browser();
  t.after(there.end);
  for (const name of ["one", "other"]) {
    const tab = there.tab(name, { locks: null });
    tab.want(batchFeed("b1"));
    tab.join();
  }
  await soon();
  assert.equal(there.open().length, 2);
});

test("of many states of a batch the latest is told, of verdicts all", () => {
  const told = gather([
    { event: "status", data: { id: "a", version: 1 } },
    { event: "verdict", data: { batch: "a" } },
    { event: "status", data: { id: "b", version: 1 } },
    { event: "status", data: { id: "a", version: 2 } },
    { event: "verdict", data: { batch: "b" } },
  ]);
  assert.deepEqual(
    told.map(({ event, data }) => `${event} ${data.id ?? data.batch} ${data.version ?? ""}`.trim()),
    ["verdict a", "status b 1", "status a 2", "verdict b"],
  );
});

test("addresses of feeds", () => {
  assert.equal(common([null, undefined]), null);
  assert.equal(common(["/a", null, "/a"]), "/a");
  assert.equal(common(["/a", "/b"]), "/api/v1/feed?snapshots=false");
  assert.equal(listFeed({ table: "t", period: "", q: "a b" }), "/api/v1/feed?snapshots=false&table=t&q=a+b");
});

test("waiting doubles up to half a minute", () => {
  assert.deepEqual([0, 1, 2, 5, 50].map((tries) => backoff(tries, () => 1)), [1, 2, 4, 30, 30]);
  assert.equal(backoff(0, () => 0), 0.5);
});

test("a tab that says again what it wants is not made to fetch again", async (t) => {
  const there = browser();
  t.after(there.end);
  const one = there.tab("one");
  one.want(batchFeed("b1"));
  one.join();
  await soon();
  there.open()[0].fire("open");
  const said = [];
  const other = there.channel();
  other.addEventListener("message", ({ data }) => said.push(data.type));
  other.postMessage({ type: "want", address: batchFeed("b1"), tab: "x" });
  await soon();
  other.postMessage({ type: "want", address: batchFeed("b1"), tab: "x" });
  await soon();
  assert.deepEqual(said, ["open"]);
});
