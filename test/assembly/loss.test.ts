import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { padded } from "../internals/kernels.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { FLOAT32_TOLERANCE, integers, narrow, normals, relativeError, widen } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";
import { crossEntropy } from "../reference.js";

const ROWS = 3;
/** V, and the floats from row to row: filling of zero to three, and a whole vector more. */
const SHAPES = [1, 2, 3, 5, 7, 8, 65].flatMap((V) => [padded(V), padded(V) + 4].map((stride) => [V, stride] as const));
/** Standard deviations of the scores: alike, usual, and so far apart that eˣ overflows by thousands of digits. */
const SPREADS = [0, 1, 1e4];

function softmax(scores: Float64Array, inverseTemperature: number): Float64Array {
  const largest = Math.max(...scores);
  const e = scores.map((x) => Math.exp((x - largest) * inverseTemperature));
  const sum = e.reduce((a, b) => a + b);
  return e.map((x) => x / sum);
}

function expectRows(actual: Float32Array, expected: Float64Array, V: number, stride: number) {
  const real = narrow(actual, stride, V);
  expect(relativeError(real, expected)).toBeLessThan(FLOAT32_TOLERANCE);
  expect(Float64Array.from(actual), "the filling is 0").toEqual(widen(real, V, stride));
}

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend);
  const random = new Random(1);

  describe.each(SHAPES)("V %i, stride %i", (V, stride) => {
    test.each([0.5, 1, 10])("softmax of logits times %f", (inverseTemperature) => {
      for (const spread of SPREADS) {
        space.clear();
        const values = normals(random, ROWS * V, spread);
        const scores = space.floats(widen(values, V, stride, Number.NaN));
        space.run("softmax", [scores], scores, ROWS, V, stride, inverseTemperature);
        const expected = [0, 1, 2].flatMap((r) => [
          ...softmax(values.subarray(r * V, (r + 1) * V), inverseTemperature),
        ]);
        expectRows(scores, Float64Array.from(expected), V, stride);
      }
    });

    test.each([1, 0.25])("crossEntropy and %f times its gradient", (gradientScale) => {
      for (const spread of SPREADS) {
        space.clear();
        const values = normals(random, ROWS * V, spread);
        const scores = space.floats(widen(values, V, stride, Number.NaN));
        const targets = space.integers(integers(random, ROWS, 0, V - 1));
        const loss = space.run("crossEntropy", [scores], scores, targets, 0, ROWS, V, stride, gradientScale);
        const expected = crossEntropy(values, targets, V);
        expect(relativeError([loss], [expected.loss])).toBeLessThan(FLOAT32_TOLERANCE);
        expectRows(
          scores,
          expected.gradient.map((d) => d * gradientScale),
          V,
          stride,
        );
      }
    });
  });

  test("crossEntropy with weights, and without the rows whose target is -1", () => {
    const [V, stride, rows] = [6, 8, 7];
    const values = normals(random, rows * V);
    const targets = [3, -1, 0, 5, -1, 2, 1];
    const weights = [1, 2, 0.5, 0, 1, 3, 0.25];
    for (const some of [weights, undefined]) {
      space.clear();
      const scores = space.floats(widen(values, V, stride, Number.NaN));
      const args = [space.integers(targets), some ? space.floats(some) : 0, rows, V, stride, 0.5] as const;
      const loss = space.run("crossEntropy", [scores], scores, ...args);
      const expected = crossEntropy(values, targets, V, some);
      expect(relativeError([loss], [expected.loss])).toBeLessThan(FLOAT32_TOLERANCE);
      expectRows(
        scores,
        expected.gradient.map((d) => d / 2),
        V,
        stride,
      );
    }
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("the loss is not finite if a logit is %f", (wrong) => {
    for (let at = 0; at < 10; at++) {
      for (const target of [0, at]) {
        space.clear();
        const scores = space.floats(normals(random, 12).fill(wrong, at, at + 1));
        const loss = space.run("crossEntropy", [scores], scores, space.integers([target]), 0, 1, 10, 12, 1);
        expect(loss, `score ${at}, target ${target}`).not.toSatisfy(Number.isFinite);
      }
    }
  });
});
