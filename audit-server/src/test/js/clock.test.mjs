import assert from "node:assert/strict";
import { test } from "node:test";
import { serverClock } from "../../main/resources/io/fileaudit/server/page/app/clock.js";

const START = Date.parse("2026-11-23T14:00:00Z");
const iso = (millis) => new Date(START + millis).toISOString();

test("the server's time goes on between what it says", () => {
  let ticks = 500;
  const clock = serverClock(() => ticks);
  assert.equal(clock.isSet(), false);
  clock.hear(iso(0));
  ticks += 2500;
  assert.equal(clock.now(), START + 2500);
});

test("what was long under way does not put it back", () => {
  let ticks = 0;
  const clock = serverClock(() => ticks);
  clock.hear(iso(0));
  ticks = 1000;
  clock.hear(iso(400));
  assert.equal(clock.now(), START + 1000);
});

test("a server whose clock was put right is believed", () => {
  const clock = serverClock(() => 0);
  clock.hear(iso(3_600_000));
  clock.hear(iso(0));
  assert.equal(clock.now(), START);
  clock.hear("no time");
  assert.equal(clock.now(), START);
});
