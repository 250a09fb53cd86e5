import assert from "node:assert/strict";
import { test } from "node:test";
import { Keyset, sight } from "../../main/resources/io/fileaudit/server/page/app/keyset.js";

const ROW = 32;

/** A list of so many rows behind cursors, which counts what is asked of it. */
function list(total, size) {
  const asked = [];
  const keyset = new Keyset(async (cursor) => {
    asked.push(cursor);
    const from = cursor === null ? 0 : Number(cursor);
    const to = Math.min(total.rows, from + size);
    return { items: Array.from({ length: to - from }, (_, at) => from + at), next: to < total.rows ? String(to) : null };
  }, size);
  return { keyset, asked };
}

test("only the rows in sight, and a few around them, are drawn", () => {
  const seen = sight({ top: 3200, height: 640, row: ROW, count: 40_000 });
  assert.deepEqual([seen.first, seen.last, seen.before, seen.total], [92, 128, 92 * ROW, 40_000 * ROW]);
});

test("a million rows fit into what browsers can lay out, and the last can be reached", () => {
  const count = 1_000_000;
  const { total } = sight({ top: 0, height: 640, row: ROW, count });
  assert.ok(total <= 8_000_000);
  const end = sight({ top: total - 640, height: 640, row: ROW, count });
  assert.equal(end.last, count);
  assert.ok(end.before + (end.last - end.first) * ROW <= total);
  let before = -1;
  for (let top = 0; top <= total - 640; top += 50_000) {
    const { first } = sight({ top, height: 640, row: ROW, count });
    assert.ok(first >= before, "rows do not go back as one scrolls on");
    before = first;
  }
});

test("pages are fetched as they are reached, and once", async () => {
  const { keyset, asked } = list({ rows: 25 }, 10);
  await keyset.need(0, 5);
  assert.deepEqual([keyset.count, keyset.isWhole, keyset.row(9), keyset.row(10)], [10, false, 9, undefined]);
  await keyset.need(0, 5);
  assert.deepEqual(asked, [null]);
  await keyset.need(8, 11);
  await keyset.need(18, 21);
  assert.deepEqual([keyset.count, keyset.isWhole, keyset.row(24)], [25, true, 24]);
  assert.deepEqual(asked, [null, "10", "20"]);
});

test("of a long list only a few pages are kept, and the others found again", async () => {
  const { keyset, asked } = list({ rows: 1000 }, 10);
  for (let at = 0; at < 500; at += 10) {
    await keyset.need(at, at + 11);
  }
  assert.equal(keyset.row(3), undefined);
  const before = asked.length;
  await keyset.need(0, 5);
  assert.deepEqual([keyset.row(3), asked.length], [3, before + 1]);
});

test("a list that grew goes on behind what was its end", async () => {
  const total = { rows: 5 };
  const { keyset } = list(total, 10);
  await keyset.need(0, 10);
  assert.equal(keyset.isWhole, true);
  total.rows = 15;
  await keyset.refresh(0, 10);
  assert.equal(keyset.isWhole, false);
  await keyset.need(9, 11);
  assert.deepEqual([keyset.count, keyset.isWhole], [15, true]);
});
