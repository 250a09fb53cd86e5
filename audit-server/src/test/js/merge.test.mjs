import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, isNewer, merge } from "../../main/resources/io/fileaudit/server/page/app/merge.js";

const at = (run, version, now = "2026-11-23T14:00:00Z", more = {}) => ({ id: "1", run, version, now, usual: null, ...more });

test("older accounts are ignored", () => {
  assert.equal(isNewer(at(1, 5), at(1, 4, "2026-11-23T15:00:00Z")), false);
  assert.equal(isNewer(at(2, 5), at(1, 9)), false);
  assert.equal(isNewer(at(1, 9), at(2, 5)), true);
  assert.equal(isNewer(undefined, at(1, 0)), true);
});

test("at the same version the later reading holds, with its flags", () => {
  assert.equal(isNewer(at(1, 5), at(1, 5, "2026-11-23T14:00:01Z")), true);
  assert.equal(isNewer(at(1, 5), at(1, 5, "2026-11-23T13:59:59Z")), false);
});

test("what only some answers have is kept", () => {
  const usual = { batches: 5 };
  assert.equal(merge(at(1, 5, undefined, { usual }), at(1, 6)).usual, usual);
  assert.equal(merge(at(1, 5, undefined, { usual }), at(2, 1)).usual, null);
  const known = at(1, 5);
  assert.equal(merge(known, at(1, 4)), known);
});

test("filters judge as the service does", () => {
  const batch = { status: "RUNNING", name: "Empresa load", table: "empresa", period: "2024-05" };
  const all = { status: [], table: "", period: "", q: "" };
  assert.equal(fits(batch, all), true);
  assert.equal(fits(batch, { ...all, q: "LOAD" }), true);
  assert.equal(fits(batch, { ...all, q: "2024" }), true);
  assert.equal(fits(batch, { ...all, q: "socios" }), false);
  assert.equal(fits(batch, { ...all, status: ["FAILED"] }), false);
  assert.equal(fits(batch, { ...all, table: "emp" }), false);
  assert.equal(fits({ ...batch, name: null, period: null }, { ...all, q: "empresa" }), true);
});
