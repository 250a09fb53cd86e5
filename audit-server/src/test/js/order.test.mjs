import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, rank } from "../../main/resources/io/fileaudit/server/page/app/order.js";

const NOW = Date.parse("2026-11-23T14:00:00Z");
const ago = (seconds) => new Date(NOW - seconds * 1000).toISOString();
const batch = (id, more) => ({ id, status: "RUNNING", flags: [], parent: null, table: null, period: null, opened_at: ago(100), ended_at: null, ...more });
const ids = (snapshots) => snapshots.map((each) => each.id).join(" ");

test("what needs a person comes first, the most urgent of it at the top", () => {
  const parts = arrange(
    [
      batch("runs"),
      batch("silent", { flags: ["silent"] }),
      batch("stalled", { flags: ["stalled"] }),
      batch("late", { status: "TIMED_OUT", ended_at: ago(60) }),
      batch("done", { status: "COMPLETED", ended_at: ago(60) }),
    ],
    NOW,
  );
  assert.equal(ids(parts.attention), "late stalled silent");
  assert.equal(ids(parts.rest), "runs done");
});

test("the newest comes first among equals", () => {
  const parts = arrange([batch("a", { opened_at: ago(50) }), batch("b", { opened_at: ago(10) }), batch("c", { opened_at: ago(50) })], NOW);
  assert.equal(ids(parts.rest), "b c a");
});

test("what ended badly long ago, or was loaded since, needs nobody any more", () => {
  assert.equal(rank(batch("old", { status: "TIMED_OUT", ended_at: ago(90_000) }), NOW), Infinity);
  const first = batch("first", { table: "t", period: "p", status: "TIMED_OUT", opened_at: ago(900), ended_at: ago(500) });
  const again = (status) => batch("again", { table: "t", period: "p", status, opened_at: ago(100), ended_at: ago(5) });
  assert.equal(ids(arrange([first, again("COMPLETED")], NOW).attention), "");
  assert.equal(ids(arrange([first, again("RUNNING")], NOW).attention), "");
  assert.equal(ids(arrange([first, again("FAILED")], NOW).attention), "first again");
});

test("a sub-batch does not stand for the load of its table", () => {
  const first = batch("first", { table: "t", period: "p", status: "TIMED_OUT", opened_at: ago(900), ended_at: ago(500) });
  const part = batch("part", { table: "t", period: "p", parent: "x", opened_at: ago(100) });
  assert.equal(ids(arrange([first, part], NOW).attention), "first");
});
