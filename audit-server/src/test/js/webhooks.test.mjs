import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder, standing } from "../../main/resources/io/fileaudit/server/page/app/webhooks.js";

const hook = (name, more = {}) => ({ name, enabled: true, disabled_reason: null, waiting: 0, last: null, ...more });
const well = hook("well", { last: { state: "delivered" } });
const failing = hook("failing", { waiting: 3, last: { state: "waiting", last_error: "the receiver answered 500" } });
const gone = hook("gone", { enabled: false, disabled_reason: "the receiver answered 410 Gone" });
const off = hook("off", { enabled: false });
const busy = hook("busy", { waiting: 1, last: { state: "delivered" } });

test("what needs a person comes first", () => {
  assert.deepEqual(
    inOrder([well, off, busy, failing, gone, hook("another")]).map((each) => each.name),
    ["gone", "failing", "busy", "another", "well", "off"],
  );
});

test("each says how it is, and why", () => {
  assert.equal(standing(gone).why, "the receiver answered 410 Gone");
  assert.equal(standing(failing).word, "Failing");
  assert.equal(standing(failing).why, "the receiver answered 500");
  assert.equal(standing(well).word, "Well");
  assert.equal(standing(hook("new")).word, "Not used yet");
  assert.equal(standing(off).kind, "");
});
