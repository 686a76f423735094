import { describe, expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { FLOAT32_TOLERANCE, normals, relativeError } from "../kernels/tensors.js";
import { backward, forward, squaredError, type Tensors } from "../reference.js";
import { gradientsByName, type Results, randomParameters } from "./passes.js";
import { Subject, type VectorBatch, vectorModelOf } from "./subject.js";

// Gates and cells that are saturated: whatever remained of their derivatives would be multiplied by large inputs, or over
// thousands of steps.

interface Shape {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly outputSize: number;
  readonly layers: number;
  readonly returnSequences: false;
}

const shapeOf = (inputSize: number, hiddenSize: number): Shape => ({
  inputSize,
  hiddenSize,
  outputSize: 1,
  layers: 1,
  returnSequences: false,
});

/** A batch with these inputs and a target for the last step. */
function batchOf(random: Random, { hiddenSize }: Shape, T: number, B: number, x: Float64Array): VectorBatch {
  const [h0, c0] = [new Float64Array(B * hiddenSize), new Float64Array(B * hiddenSize)];
  return { T, B, x, y: normals(random, B), h0, c0 };
}

function referenceGradients(parameters: Tensors, shape: Shape, { T, B, x, y, h0, c0 }: VectorBatch): Results {
  const sizes = { T, B, I: shape.inputSize, H: shape.hiddenSize, V: 1, layers: 1 };
  const pass = forward(parameters, sizes, x, h0, c0);
  const { gradient } = squaredError(pass.scores.subarray(pass.scores.length - B), y, 1, 0);
  const dScores = new Float64Array(pass.scores.length);
  dScores.set(gradient, dScores.length - B);
  return gradientsByName(backward(parameters, sizes, pass, dScores).parameters);
}

describe.each([1, 100, 1e3, 1e4, 1e5, 1e6, 1e9])("inputs near %d", (scale) => {
  const [T, B] = [10, 8];
  const shape = shapeOf(2, 16);
  const random = new Random(5);
  const parameters = randomParameters(random, { vocabularySize: 0, ...shape });
  const x = Float64Array.from({ length: T * B * 2 }, () => Math.fround(scale * (0.5 + random.uniform())));
  const batch = batchOf(random, shape, T, B, x);
  const expected = referenceGradients(parameters, shape, batch);
  // The rounding error of a gate's sum is proportional to the inputs. It changes the derivative where that is not 0: from 1e5
  // on, all gates are saturated.
  const tolerance = scale >= 1e5 ? FLOAT32_TOLERANCE : FLOAT32_TOLERANCE + scale * 5e-7;

  test.each(BACKENDS)("%s: the gradients are the reference's", async (backend) => {
    const actual = new Subject(await vectorModelOf(backend, shape, parameters)).passVectors(batch, 1);
    for (const [name, values] of Object.entries(expected)) {
      if (values.some((value) => value !== 0))
        expect(relativeError(actual[name]!, values), name).toBeLessThan(tolerance);
      else expect(actual[name]!, name).toEqual(new Float64Array(values.length));
    }
  });

  test("from 1e5 on, nothing is left of the recurrent weights' gradients", () => {
    expect(expected["gradient lstm.weight_hh_l0"]!.every((value) => value === 0)).toBe(scale >= 1e5);
  });
});

describe.each([3, 8, 20])("cells that grow beyond 9 in 5000 steps, forget bias %d", (forgetBias) => {
  const [T, B] = [5000, 2];
  const shape = shapeOf(1, 8);
  const random = new Random(5);
  const parameters = randomParameters(random, { vocabularySize: 0, ...shape });
  parameters["lstm.bias_ih_l0"] = Float64Array.from({ length: 32 }, (_, i) => {
    const cell = i % 2 ? 0.5 : -0.5;
    return [2, forgetBias, cell, 1][Math.floor(i / 8)]!;
  });
  const x = Float64Array.from({ length: T * B }, () => Math.fround(random.uniform() - 0.5));
  const batch = batchOf(random, shape, T, B, x);
  const expected = referenceGradients(parameters, shape, batch);

  test.each(BACKENDS)("%s: the gradients are the reference's", async (backend) => {
    const actual = new Subject(await vectorModelOf(backend, shape, parameters)).passVectors(batch, 1);
    for (const [name, values] of Object.entries(expected))
      expect(relativeError(actual[name]!, values), name).toBeLessThan(FLOAT32_TOLERANCE);
  });
});
