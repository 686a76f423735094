import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { integers, normals, relativeError } from "../kernels/tensors.js";
import { backward, crossEntropy, forward, oneHot, type Sizes, type Tensors } from "../reference.js";
import { randomParameters } from "./passes.js";

/** Truncation errs by about STEP², float64 by 1e-16 / STEP: both near 1e-10, in tensors whose largest is near 1. */
const TOLERANCE = 1e-6;
const STEP = 1e-5;

const SIZES: Sizes[] = [
  { T: 1, B: 1, I: 2, H: 1, V: 2, layers: 1 },
  { T: 5, B: 1, I: 3, H: 4, V: 3, layers: 1 },
  { T: 1, B: 3, I: 5, H: 3, V: 4, layers: 2 },
  { T: 4, B: 2, I: 1, H: 5, V: 7, layers: 3 },
  { T: 6, B: 2, I: 4, H: 6, V: 5, layers: 2 },
  { T: 3, B: 2, I: 6, H: 9, V: 3, layers: 1 },
];

/** Everything that the loss is differentiated by: the parameters, the inputs x and the initial state. */
function randomVariables(random: Random, { T, B, I, H, V, layers }: Sizes): Tensors {
  return {
    ...randomParameters(random, { vocabularySize: V, hiddenSize: H, layers }),
    "lstm.weight_ih_l0": normals(random, 4 * H * I, 0.5),
    x: normals(random, T * B * I),
    h0: normals(random, layers * B * H),
    c0: normals(random, layers * B * H),
  };
}

/** Every third output is dropped, where there are several layers. */
function masksOf({ T, B, H, layers }: Sizes): Float64Array[] | undefined {
  if (layers === 1) return undefined;
  return Array.from({ length: layers }, () =>
    Float64Array.from({ length: T * B * H }, (_, i) => (i % 3 === 0 ? 0 : 1.5)),
  );
}

/** A number that depends on all scores and on the final state, which it weighs with dhFinal and dcFinal. */
function lossOf(variables: Tensors, sizes: Sizes, targets: Int32Array, dhFinal: Float64Array, dcFinal: Float64Array) {
  const { x, h0, c0 } = variables;
  const pass = forward(variables, sizes, x!, h0!, c0!, masksOf(sizes));
  const { loss, gradient } = crossEntropy(pass.scores, targets, sizes.V);
  return { loss: loss + dot(dhFinal, pass.hFinal) + dot(dcFinal, pass.cFinal), pass, gradient };
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

describe.each(SIZES)("the reference's gradients, T $T, B $B, I $I, H $H, V $V, $layers layers", (sizes) => {
  const random = new Random(1);
  const variables = randomVariables(random, sizes);
  const targets = integers(random, sizes.T * sizes.B, 0, sizes.V - 1);
  const [dhFinal, dcFinal] = [normals(random, variables.h0!.length), normals(random, variables.c0!.length)];
  const { pass, gradient } = lossOf(variables, sizes, targets, dhFinal, dcFinal);
  const { parameters, x, h0, c0 } = backward(variables, sizes, pass, gradient, dhFinal, dcFinal);
  const analytic: Tensors = { ...parameters, x, h0, c0 };

  test.each(Object.keys(variables))("of %s are those of central differences", (name) => {
    const values = variables[name]!;
    const numeric = Float64Array.from(values, (value, i) => {
      const lossAt = (x: number) => {
        values[i] = x;
        return lossOf(variables, sizes, targets, dhFinal, dcFinal).loss;
      };
      const difference = lossAt(value + STEP) - lossAt(value - STEP);
      values[i] = value;
      return difference / (2 * STEP);
    });
    expect(relativeError(analytic[name]!, numeric)).toBeLessThan(TOLERANCE);
  });
});

test("a token is a one-hot vector", () => {
  expect([...oneHot([2, 0], 3)]).toEqual([0, 0, 1, 1, 0, 0]);
});
