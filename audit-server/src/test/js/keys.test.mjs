import assert from "node:assert/strict";
import { test } from "node:test";
import { neighbour } from "../../main/resources/io/fileaudit/server/page/app/keys.js";
import { parts } from "../../main/resources/io/fileaudit/server/page/app/files.js";

test("j and k stay within the rows", () => {
  assert.equal(neighbour(-1, 3, 1), 0);
  assert.equal(neighbour(0, 3, 1), 1);
  assert.equal(neighbour(2, 3, 1), 2);
  assert.equal(neighbour(0, 3, -1), 0);
  assert.equal(neighbour(-1, 0, 1), -1);
});

test("of a long name the folders are cut first", () => {
  assert.deepEqual(parts("landing/2024/a.csv"), ["landing/2024/", "a.csv"]);
  assert.deepEqual(parts("a.csv"), ["", "a.csv"]);
  assert.deepEqual(parts("/"), ["", "/"]);
  assert.deepEqual(parts("s3://bucket/dir/"), ["s3://bucket/", "dir/"]);
});
