import assert from "node:assert/strict";
import { test } from "node:test";
import { usage } from "../../main/resources/io/fileaudit/server/page/app/limits.js";

test("a limit is used up as time passes", () => {
  const limit = { after: "PT30M", action: "end", left_seconds: 900 };
  assert.deepEqual(usage(limit, 0), { after: 1800, used: 900, left: 900, share: 0.5 });
  assert.deepEqual(usage(limit, 450), { after: 1800, used: 1350, left: 450, share: 0.75 });
  assert.equal(usage(limit, 10_000).share, 1);
});

test("a limit that is off, or does not run, has no use", () => {
  assert.equal(usage({ after: null, action: "off", left_seconds: null }, 0).after, null);
  assert.equal(usage(undefined, 0).after, null);
  assert.deepEqual(usage({ after: "PT1H", action: "end", left_seconds: null }, 5), { after: 3600, used: null, left: null, share: 0 });
});
