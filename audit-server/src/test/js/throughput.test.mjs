import assert from "node:assert/strict";
import { test } from "node:test";
import { currentRate, fromFiles, inWords, joined, liveLine } from "../../main/resources/io/fileaudit/server/page/app/throughput.js";

const at = (seconds) => new Date(seconds * 1000).toISOString();
const snapshot = (seconds, rows, rates = null) => ({ now: at(seconds), rates, totals: { rows, rows_in_flight: 0 } });

test("the rate is what came over the last half minute", () => {
  const line = liveLine();
  assert.equal(line.add(snapshot(100, 1000)), false);
  assert.equal(line.add(snapshot(100.2, 5000)), false, "too soon to divide by");
  assert.equal(line.add(snapshot(102, 3000)), true);
  assert.equal(line.add(snapshot(140, 22_000)), true);
  assert.deepEqual(line.points(), [
    [102, 1000],
    [140, 500],
  ]);
});

test("before the first look it was as fast as the service says", () => {
  const line = liveLine();
  assert.equal(line.add(snapshot(100, 90_000, { rows_per_second: 1000 })), true);
  line.add(snapshot(110, 90_000, { rows_per_second: 900 }));
  assert.deepEqual(
    line.points().map(([second, rate]) => [second, Math.round(rate)]),
    [
      [100, 1000],
      [110, 667],
    ],
  );
});

test("a window of which nothing more is heard empties", () => {
  const told = { ...snapshot(100, 5000, { rows_per_second: 600, window_seconds: 60 }), elapsed_seconds: 10 };
  assert.equal(currentRate(told, 100_000), 600);
  assert.equal(currentRate(told, 130_000), 300);
  assert.equal(currentRate(told, 500_000), 0);
  assert.equal(currentRate({ ...told, rates: null }, 130_000), 500);
});

test("a long watch does not grow without end", () => {
  const line = liveLine();
  for (let second = 0; second < 20_000; second += 1) {
    line.add(snapshot(second + 1, second * 10));
  }
  assert.ok(line.points().length <= 1200);
});

test("the files' own times tell what came before, and no row is lost in it", () => {
  const files = [
    { rows: 1000, started_at: at(0), ended_at: at(10) },
    { rows: 600, started_at: at(5), ended_at: at(20) },
    { rows: 50, started_at: null, ended_at: at(8) },
    { rows: null, started_at: at(3), ended_at: at(4) },
    { rows: 400, state: "RUNNING", started_at: at(10), ended_at: null },
  ];
  const points = fromFiles(files, 20_000);
  assert.equal(points.length, 20);
  const step = points[1][0] - points[0][0];
  const sum = points.reduce((all, [, rate]) => all + rate * step, 0);
  assert.ok(Math.abs(sum - 2050) < 0.001, String(sum));
  assert.deepEqual(fromFiles([], 0), []);
  const open = fromFiles(files.slice(0, 2), 100_000, true);
  assert.ok(open.at(-1)[0] > 99 && open.at(-1)[1] === 0, "nothing came since");
  assert.equal(fromFiles([{ rows: 5, started_at: at(0), ended_at: at(100_000) }], 0).length, 240);
});

test("what was seen takes the place of what the files say", () => {
  assert.deepEqual(joined([[1, 5], [2, 5], [3, 5]], [[2.5, 9]]), [[1, 5], [2, 5], [2.5, 9]]);
  assert.deepEqual(inWords([[1, 5], [2, 9], [3, 4]]), { last: 4, most: 9 });
  assert.equal(inWords([]), null);
});

test("where nothing comes for a while the line goes down", () => {
  const line = liveLine();
  line.add(snapshot(100, 0));
  line.add(snapshot(110, 3000));
  assert.equal(line.quiet(113), false);
  assert.equal(line.quiet(140), true);
  assert.equal(line.quiet(145), true);
  line.add(snapshot(146, 3000));
  assert.deepEqual(line.points(), [
    [110, 300],
    [140, 0],
    [145, 0],
    [146, 0],
  ]);
});
