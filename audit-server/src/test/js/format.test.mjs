import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../main/resources/io/fileaudit/server/page/app/format.js";

test("durations are exact to the second and leave out what is nothing", () => {
  assert.equal(format.duration(1802), "30m02s");
  assert.equal(format.duration(1800), "30m");
  assert.equal(format.duration(0.9), "0s");
  assert.equal(format.duration(3909), "1h05m09s");
  assert.equal(format.duration(3600), "1h");
  assert.equal(format.duration(3605), "1h00m05s");
  assert.equal(format.duration(183_600), "2d03h");
  assert.equal(format.duration(-5), "0s");
  assert.equal(format.duration(null), "–");
  assert.equal(format.took(0.4), "< 1s");
  assert.equal(format.took(1.4), "1s");
});

test("rough durations have no seconds from a minute on", () => {
  assert.equal(format.roughly(42.9), "42s");
  assert.equal(format.roughly(16 * 60 + 59), "16m");
  assert.equal(format.roughly(3909), "1h05m");
});

test("figures are grouped, or cut where there is no room", () => {
  assert.equal(format.count(1_234_567), "1,234,567");
  assert.equal(format.short(9_999), "9,999");
  assert.equal(format.short(51_000), "51k");
  assert.equal(format.short(181_500_000), "181.5M");
  assert.equal(format.count(undefined), "–");
  assert.equal(format.things(1, "file"), "1 file");
  assert.equal(format.things(2, "new batch", "new batches"), "2 new batches");
});

test("sizes and rates", () => {
  assert.equal(format.bytes(999), "999 B");
  assert.equal(format.bytes(673_479_415), "673.5 MB");
  assert.equal(format.rate(0.25), "0.3/s");
  assert.equal(format.rate(0), "0/s");
  assert.equal(format.rate(51_000), "51k/s");
  assert.equal(format.latency(0.0121), "12 ms");
  assert.equal(format.latency(0.0002), "< 1 ms");
  assert.equal(format.percent(0.9999), "99.9 %", "all is said of all alone");
});

test("durations of the wire are read and written", () => {
  assert.equal(format.isoSeconds("PT30M"), 1800);
  assert.equal(format.isoSeconds("P1DT2H3M4.5S"), 93_784.5);
  assert.equal(format.isoSeconds("PT"), null);
  assert.equal(format.isoSeconds("P"), null);
  assert.equal(format.isoSeconds("soon"), null);
  assert.equal(format.isoSeconds(null), null);
  assert.equal(format.isoSeconds(format.isoDuration(5400)), 5400);
});

test("moments of today need no date", () => {
  const now = Date.parse("2026-11-24T03:00:00Z");
  assert.equal(format.moment("2026-11-24T01:02:03Z", now, "UTC"), "01:02");
  assert.equal(format.moment("2026-11-23T23:02:03Z", now, "UTC"), "23 Nov 23:02");
  assert.equal(format.moment("2025-11-23T23:02:03Z", now, "UTC"), "23 Nov 2025 23:02");
  assert.equal(format.moment(null, now, "UTC"), "–");
  assert.equal(format.timeOfDay(Date.parse("2026-11-24T12:03:11Z"), "UTC"), "12:03:11");
});

test("signs that turn the text behind them are shown, and marks of a script that runs to the left are left alone", () => {
  assert.equal(format.unturned("invoice-\u202efdp.exe"), "invoice-⟨U+202E⟩fdp.exe");
  assert.equal(format.unturned("\u2067a\u2069"), "⟨U+2067⟩a⟨U+2069⟩");
  assert.equal(format.unturned("\u05d0\u200f \u200e1"), "\u05d0\u200f \u200e1");
  assert.equal(format.unturned(12), "12");
});
