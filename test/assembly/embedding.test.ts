import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { integers, relativeError } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";

// Whole numbers, which float32 adds without rounding: everything here has to be exact.

const V = 6;
const TOKENS = [3, 0, 3, 5, 3, 0, 1];
const CASES = [1, 2, TOKENS.length].flatMap((rows) => [4, 8, 20].map((N) => [rows, N] as const));

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend);
  const random = new Random(1);
  const whole = (length: number) => space.floats(integers(random, length, -100, 100));

  test.each(CASES)("gatherForward takes each token's row and adds the bias, %i rows of %i", (rows, N) => {
    space.clear();
    const [tokens, w, b, y] = [space.integers(TOKENS.slice(0, rows)), whole(V * N), whole(N), space.output(rows * N)];
    space.run("gatherForward", [y], y, tokens, w, b, rows, N);
    expect(y).toEqual(y.map((_, i) => w[tokens[Math.floor(i / N)]! * N + (i % N)]! + b[i % N]!));
  });

  test.each(CASES)("gatherBackward adds the rows of each token, %i rows of %i", (rows, N) => {
    space.clear();
    const [tokens, dy] = [space.integers(TOKENS.slice(0, rows)), whole(rows * N)];
    const [dw, db, scratch] = [space.output(V * N), space.output(N), space.scratch("gatherBackward", rows, V, N)];
    space.run("gatherBackward", [dw, db, scratch], dw, db, dy, tokens, scratch, rows, V, N);
    const [dwExpected, dbExpected] = [new Float32Array(V * N), new Float32Array(N)];
    dy.forEach((d, i) => {
      dwExpected[tokens[Math.floor(i / N)]! * N + (i % N)]! += d;
      dbExpected[i % N]! += d;
    });
    expect(dw).toEqual(dwExpected);
    expect(db).toEqual(dbExpected);
  });

  test("gatherBackward adds many rows of few tokens", () => {
    const [rows, N] = [3000, 4];
    space.clear();
    // Two tokens do not come at all, and one comes more often than rows are added up at a time.
    const [tokens, dy] = [
      space.integers(integers(random, rows, 0, 9).map((x) => [1, 2, 4, 5][x] ?? 1)),
      whole(rows * N),
    ];
    const [dw, db, scratch] = [space.output(V * N), space.output(N), space.scratch("gatherBackward", rows, V, N)];
    space.run("gatherBackward", [dw, db, scratch], dw, db, dy, tokens, scratch, rows, V, N);
    const [dwExpected, dbExpected] = [new Float32Array(V * N), new Float32Array(N)];
    dy.forEach((d, i) => {
      dwExpected[tokens[Math.floor(i / N)]! * N + (i % N)]! += d;
      dbExpected[i % N]! += d;
    });
    expect(dw).toEqual(dwExpected);
    expect(db).toEqual(dbExpected);
  });

  test("the bias and its gradient are skipped if their address is 0", () => {
    const N = 8;
    space.clear();
    const [tokens, w, y] = [space.integers(TOKENS), whole(V * N), space.output(TOKENS.length * N)];
    space.run("gatherForward", [y], y, tokens, w, 0, TOKENS.length, N);
    expect(y).toEqual(y.map((_, i) => w[tokens[Math.floor(i / N)]! * N + (i % N)]!));
    const [dw, scratch] = [space.output(V * N), space.scratch("gatherBackward", TOKENS.length, V, N)];
    space.run("gatherBackward", [dw, scratch], dw, 0, y, tokens, scratch, TOKENS.length, V, N);
    const times = (token: number) => TOKENS.filter((other) => other === token).length;
    const expected = w.map((value, i) => value * times(Math.floor(i / N)));
    expect(relativeError(dw, expected)).toBe(0);
  });
});
