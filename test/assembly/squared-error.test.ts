import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { padded } from "../internals/kernels.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { FLOAT32_TOLERANCE, narrow, normals, relativeError, widen } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";
import { squaredError } from "../reference.js";

const ROWS = 3;
/** N, and the floats from row to row: filling of zero to three, and a whole vector more. */
const SHAPES = [1, 2, 3, 4, 5, 7, 8, 65].flatMap((N) =>
  [padded(N), padded(N) + 4].map((stride) => [N, stride] as const),
);
/** 0 is the plain square. */
const DELTAS = [0, 0.25, 1, 100];
/** Truncation errs by about STEP², float64 by 1e-16 / STEP; no difference is within STEP of delta. */
const STEP = 1e-5;
const GRADIENT_TOLERANCE = 1e-8;

test.each(DELTAS)("the reference's gradient is that of central differences, delta %f", (delta) => {
  const random = new Random(1);
  const [values, targets] = [normals(random, 15), normals(random, 15)];
  const numeric = values.map((value, i) => {
    const lossAt = (x: number) => squaredError(values.with(i, x), targets, 5, delta).loss;
    return (lossAt(value + STEP) - lossAt(value - STEP)) / (2 * STEP);
  });
  expect(relativeError(squaredError(values, targets, 5, delta).gradient, numeric)).toBeLessThan(GRADIENT_TOLERANCE);
});

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend);
  const random = new Random(1);

  describe.each(SHAPES)("N %i, stride %i", (N, stride) => {
    test.each(DELTAS)("the loss and its gradient, delta %f", (delta) => {
      for (const gradientScale of [1, 0.25, 0]) {
        space.clear();
        const [y, target] = [normals(random, ROWS * N), normals(random, ROWS * N)];
        const values = space.floats(widen(y, N, stride, Number.NaN));
        const targets = space.floats(widen(target, N, stride, Number.NaN));
        const loss = space.run("squaredError", [values], values, targets, 0, ROWS, N, stride, delta, gradientScale);
        const expected = squaredError(y, target, N, delta);
        expect(relativeError([loss], [expected.loss])).toBeLessThan(FLOAT32_TOLERANCE);
        const gradient = expected.gradient.map((d) => d * gradientScale);
        const real = narrow(values, stride, N);
        expect(relativeError(real, gradient)).toBeLessThan(FLOAT32_TOLERANCE);
        expect(Float64Array.from(values), "the filling is 0").toEqual(widen(real, N, stride));
      }
    });
  });

  test("Huber's loss on either side of delta, at it, and at no difference", () => {
    space.clear();
    const values = space.floats([0, 1, -1, 2, -2, 2.5, -4, 0]);
    const targets = space.floats(new Array(8).fill(0));
    const loss = space.run("squaredError", [values], values, targets, 0, 1, 8, 8, 2, 8);
    expect(loss).toBe((0.5 + 0.5 + 2 + 2 + 3 + 6) / 8);
    expect([...values]).toEqual([0, 1, -1, 2, -2, 2, -2, 0]);
  });

  test.each(DELTAS)("with weights, and without the targets that are NaN, delta %f", (delta) => {
    const [N, stride] = [3, 4];
    const y = normals(random, 4 * N);
    const target = normals(random, 4 * N);
    for (const i of [1, 3, 4, 5]) target[i] = Number.NaN;
    const weights = [2, 1, 0, 0.5];
    for (const some of [weights, undefined]) {
      space.clear();
      const values = space.floats(widen(y, N, stride, Number.NaN));
      const args = [space.floats(widen(target, N, stride)), some ? space.floats(some) : 0, 4, N, stride, delta, 0.5];
      const loss = space.run("squaredError", [values], values, ...args);
      const expected = squaredError(y, target, N, delta, some);
      expect(relativeError([loss], [expected.loss])).toBeLessThan(FLOAT32_TOLERANCE);
      const gradient = expected.gradient.map((d) => d / 2);
      expect(relativeError(narrow(values, stride, N), gradient)).toBeLessThan(FLOAT32_TOLERANCE);
    }
  });

  test.each(DELTAS)("the loss is not finite if a value or a target is not, delta %f", (delta) => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      for (let at = 0; at < 10; at++)
        for (const inTargets of [false, true]) {
          // A target that is NaN is left out.
          if (inTargets && Number.isNaN(wrong)) continue;
          space.clear();
          const [a, b] = [normals(random, 12).fill(wrong, at, at + 1), normals(random, 12)];
          const [values, targets] = [space.floats(inTargets ? b : a), space.floats(inTargets ? a : b)];
          const loss = space.run("squaredError", [values], values, targets, 0, 1, 10, 12, delta, 1);
          expect(loss, `${wrong} at ${at}`).not.toSatisfy(Number.isFinite);
        }
  });
});
