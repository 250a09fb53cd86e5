import assert from "node:assert/strict";
import { test } from "node:test";
import * as status from "../../main/resources/io/fileaudit/server/page/app/status.js";

const NOW = Date.parse("2026-11-23T14:00:00Z");
const ago = (seconds) => new Date(NOW - seconds * 1000).toISOString();

const running = {
  status: "RUNNING",
  flags: [],
  opened_at: ago(3000),
  started_at: ago(2990),
  last_activity_at: ago(2),
  last_progress_at: ago(2),
  limits: { idle: { after: "PT30M", action: "end" }, operation: { after: "PT1H", action: "end" } },
  totals: { files: { expected: 0, completed: 3, failed: 1, skipped: 0, running: 2, discovered: 0 } },
};

const endedBy = (reason, more) => ({
  status: "TIMED_OUT",
  flags: [],
  verdict: {
    status: "TIMED_OUT",
    reason,
    run: 1,
    opened_at: ago(7200),
    started_at: ago(7000),
    last_activity_at: ago(1812),
    last_progress_at: ago(1900),
    decided_at: ago(10),
    after: "PT30M",
    ...more,
  },
});

test("what is wrong is said in one line", () => {
  assert.equal(status.phrase(endedBy("IDLE"), NOW), "TIMED OUT · silent 30m02s (limit 30m)");
  assert.equal(status.phrase(endedBy("DEADLINE", { after: "PT1H" }), NOW), "TIMED OUT · ran 1h56m30s (limit 1h)");
  assert.equal(status.phrase(endedBy("NEVER_STARTED", { decided_at: ago(5400) }), NOW), "TIMED OUT · no event in 30m (limit 30m)");
  assert.equal(
    status.phrase({ ...running, flags: ["silent"], last_activity_at: ago(16 * 60 + 20) }, NOW),
    "SILENT · 16m (limit 30m)",
  );
  assert.equal(
    status.phrase({ ...running, flags: ["stalled"], last_progress_at: ago(41 * 60) }, NOW),
    "STALLED · alive, no progress for 41m",
  );
});

test("what is silent is not called alive", () => {
  assert.equal(status.shownStatus({ ...running, flags: ["stalled", "silent"] }), "SILENT");
});

test("flags of an ended batch say nothing", () => {
  assert.equal(status.shownStatus({ status: "COMPLETED", flags: ["silent"] }), "COMPLETED");
});

test("an incomplete batch says what was held against it", () => {
  const found = { failed: 2, unfinished: 0, missing: 1, short: 0, refused: 0 };
  const batch = { status: "INCOMPLETE", flags: [], verdict: { status: "INCOMPLETE", reason: "REQUESTED", findings: found } };
  assert.equal(status.phrase(batch, NOW), "INCOMPLETE · 2 failed, 1 missing");
});

test("there is a share only where the total is known", () => {
  assert.deepEqual(status.progress(running), { share: null, text: "4 files, 2 running" });
  const known = structuredClone(running);
  known.totals.files.expected = 10;
  assert.deepEqual(status.progress(known), { share: 0.4, text: "4 of 10" });
  assert.equal(status.progress({ ...known, progress: 0.39 }).share, 0.39);
});

test("a batch is called by its name, else by what it loads", () => {
  assert.equal(status.title({ id: "1", name: "n", table: "t", period: "p" }), "n");
  assert.equal(status.title({ id: "1", name: null, table: "t", period: "p" }), "t p");
  assert.equal(status.title({ id: "1", name: null, table: null, period: null }), "1");
});
