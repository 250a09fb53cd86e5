import assert from "node:assert/strict";
import { test } from "node:test";
import * as place from "../../main/resources/io/fileaudit/server/page/app/place.js";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const read = (address) => place.read(new URL(address, "http://audit"));

test("every view is in the address, and comes back from it", () => {
  const filters = { status: ["FAILED", "TIMED_OUT"], table: "empresa", period: "2024-05", q: "a b&c" };
  assert.equal(place.batchesAt({ ...filters, q: "" }), "/ui?status=FAILED,TIMED_OUT&table=empresa&period=2024-05");
  assert.deepEqual(read(place.batchesAt(filters)), { view: "batches", filters });
  assert.deepEqual(read("/ui").filters, { status: [], table: "", period: "", q: "" });
  assert.equal(place.batchesAt(), "/ui");
  assert.equal(read("/ui/health").view, "health");
  assert.deepEqual(read(place.webhooksAt("a&b")), { view: "webhooks", webhook: "a&b" });
  assert.deepEqual(read(place.webhooksAt()), { view: "webhooks", webhook: "" });
});

test("a part of a batch with its filters", () => {
  const address = place.batchAt(ID, "files", { status: "FAILED", error: "bad-date", q: "" });
  assert.equal(address, `/ui/batches/${ID}#files?status=FAILED&error=bad-date`);
  const there = read(address);
  assert.deepEqual([there.view, there.id, there.part, there.filters.status, there.filters.error], ["batch", ID, "files", "FAILED", "bad-date"]);
  assert.equal(place.batchAt(ID), `/ui/batches/${ID}`);
  assert.equal(read(`/ui/batches/${ID}`).part, "files");
  assert.equal(read(`/ui/batches/${ID}#verdicts`).part, "verdicts");
  assert.equal(read(`/ui/batches/${ID}#no-such-part`).part, "files");
  assert.equal(read("/ui/batches/%zz").id, "%zz");
});

test("names with signs of their own survive the address", () => {
  const q = "landing/50%/a#b?c=d&e";
  assert.equal(read(place.batchAt(ID, "files", { q })).filters.q, q);
});

test("a namespace that an address names stays in the addresses from there", () => {
  assert.equal(place.batchesAt({ table: "t" }, "sales"), "/ui?table=t&namespace=sales");
  assert.equal(place.batchesAt({}, "a b"), "/ui?namespace=a%20b");
  assert.equal(place.batchAt("01", "files", { status: "FAILED" }, "sales"), "/ui/batches/01?namespace=sales#files?status=FAILED");
  assert.equal(place.batchAt("01", "files", {}, ""), "/ui/batches/01");
});
