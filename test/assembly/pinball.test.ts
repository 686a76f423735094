import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { padded } from "../internals/kernels.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { FLOAT32_TOLERANCE, narrow, normals, relativeError, widen } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";
import { pinball } from "../reference.js";

const ROWS = 3;
const QUANTILES = [0.1, 0.5, 0.9];
/** N, and the floats from row to row. */
const SHAPES = [3, 6, 9, 12, 66].flatMap((N) => [padded(N), padded(N) + 4].map((stride) => [N, stride] as const));
const STEP = 1e-5;
const GRADIENT_TOLERANCE = 1e-8;

test("the reference's gradient is that of central differences", () => {
  const random = new Random(1);
  const [values, targets] = [normals(random, 18), normals(random, 18)];
  const numeric = values.map((value, i) => {
    const lossAt = (x: number) => pinball(values.with(i, x), targets, 6, QUANTILES).loss;
    return (lossAt(value + STEP) - lossAt(value - STEP)) / (2 * STEP);
  });
  expect(relativeError(pinball(values, targets, 6, QUANTILES).gradient, numeric)).toBeLessThan(GRADIENT_TOLERANCE);
});

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend);
  const random = new Random(1);

  /** The loss of all quantiles, which takes a call for each. */
  const run = (
    values: Float32Array,
    targets: Float32Array,
    weights: Float32Array | 0,
    N: number,
    stride: number,
    scale: number,
  ) =>
    QUANTILES.reduce(
      (sum, quantile, q) =>
        sum +
        space.run("pinball", [values], values, targets, weights, ROWS, N, stride, q, QUANTILES.length, quantile, scale),
      0,
    );

  test.each(SHAPES)("the loss and its gradient, N %i, stride %i", (N, stride) => {
    for (const gradientScale of [1, 0.25, 0]) {
      space.clear();
      const [y, target] = [normals(random, ROWS * N), normals(random, ROWS * N)];
      target[1] = Number.NaN;
      const values = space.floats(widen(y, N, stride, Number.NaN));
      const targets = space.floats(widen(target, N, stride, Number.NaN));
      const weights = space.floats([1, 0, 2.5]);
      const loss = run(values, targets, weights, N, stride, gradientScale);
      const expected = pinball(y, target, N, QUANTILES, [1, 0, 2.5]);
      expect(relativeError([loss], [expected.loss])).toBeLessThan(FLOAT32_TOLERANCE);
      const real = narrow(values, stride, N);
      expect(
        relativeError(
          real,
          expected.gradient.map((d) => d * gradientScale),
        ),
      ).toBeLessThan(FLOAT32_TOLERANCE);
      expect(Float64Array.from(values), "the filling is 0").toEqual(widen(real, N, stride));
    }
  });

  test("costs what is missing times the quantile, what is too much times the rest, and nothing at the target", () => {
    space.clear();
    const values = space.floats([...[1, 3, 2, 0], ...[1, 3, 2, 0], ...[1, 3, Number.NaN, 0]]);
    const targets = space.floats(new Array(12).fill(2));
    const loss = space.run("pinball", [values], values, targets, 0, 2, 3, 4, 0, 1, 0.75, 3);
    expect(loss).toBe((2 * (0.75 + 0.25)) / 3);
    expect([...values.slice(0, 8)]).toEqual([-0.75, 0.25, 0, 0, -0.75, 0.25, 0, 0]);
    const other = space.run("pinball", [values], values.subarray(8), targets, 0, 1, 3, 4, 0, 1, 0.75, 3);
    expect(other).toBeNaN();
    expect(values[10]).toBeNaN();
  });
});
