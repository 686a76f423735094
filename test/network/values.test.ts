import { describe, expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { every } from "../full.js";
import { Random } from "../internals/common.js";
import type { ModelOptions } from "../internals/model.js";
import { normals } from "../kernels/tensors.js";
import { backward, forward, pinball, squaredError, type Tensors } from "../reference.js";
import { expectAgreement } from "./compare.js";
import { gradientsByName, type Results, randomParameters } from "./passes.js";
import { Subject, type VectorBatch, vectorModelOf } from "./subject.js";

// What agreement.test.ts and variants.test.ts leave out: vectors in, values out.

/** [T, B]; the last has more rows than the matrix products take at a time. */
const SIZES = [
  [1, 1],
  [7, 1],
  [1, 3],
  [2, 5],
  [7, 4],
  [90, 3],
] as const;
const LOSSES: ModelOptions[] = [{ loss: "mse" }, { loss: "huber", huberDelta: 0.5 }];
const PINBALL: ModelOptions = { loss: "pinball", quantiles: [0.1, 0.5, 0.9] };
const VARIANTS = [1, 2, 3, 5, 8].flatMap((inputSize) =>
  [1, 3, 4].flatMap((outputSize) =>
    [1, 2].flatMap((layers) =>
      (outputSize === 3 ? [...LOSSES, PINBALL] : LOSSES).flatMap((loss) =>
        [false, true].map((lastOnly) => ({ shape: { inputSize, outputSize, layers, hiddenSize: 5 }, lastOnly, loss })),
      ),
    ),
  ),
);

type Shape = Record<"inputSize" | "outputSize" | "layers" | "hiddenSize", number>;

function randomVectors(random: Random, shape: Shape, T: number, B: number, outputSteps: number): VectorBatch {
  const { inputSize, outputSize, layers, hiddenSize } = shape;
  return {
    T,
    B,
    x: normals(random, T * B * inputSize),
    y: normals(random, outputSteps * B * outputSize),
    h0: normals(random, layers * B * hiddenSize, 0.5),
    c0: normals(random, layers * B * hiddenSize, 0.5),
  };
}

function referencePass(
  parameters: Tensors,
  shape: Shape,
  batch: VectorBatch,
  { quantiles, huberDelta = 0 }: ModelOptions,
  scale: number,
): Results {
  const { T, B, x, y, h0, c0 } = batch;
  const { inputSize: I, outputSize: V, hiddenSize: H, layers } = shape;
  const sizes = { T, B, I, H, V, layers };
  const pass = forward(parameters, sizes, x, h0, c0);
  const scores = pass.scores.subarray(pass.scores.length - y.length);
  const { loss, gradient } = quantiles ? pinball(scores, y, V, quantiles) : squaredError(scores, y, V, huberDelta);
  const dScores = new Float64Array(pass.scores.length);
  dScores.set(
    gradient.map((d) => d * scale),
    dScores.length - gradient.length,
  );
  const d = backward(parameters, sizes, pass, dScores);
  return {
    scores,
    loss: Float64Array.of(loss * scale),
    h_n: pass.hFinal,
    c_n: pass.cFinal,
    ...gradientsByName(d.parameters),
    "gradient h_0": d.h0,
    "gradient c_0": d.c0,
    "gradient x": d.x,
  };
}

describe.each(every(7, VARIANTS))(
  "I $shape.inputSize, N $shape.outputSize, $shape.layers layers, $loss.loss, last step only: $lastOnly",
  ({ shape, loss, lastOnly }) => {
    const random = new Random(1);
    const parameters = randomParameters(random, { vocabularySize: 0, ...shape });
    const cases = SIZES.map(([T, B]) => {
      const batch = randomVectors(random, shape, T, B, lastOnly ? 1 : T);
      return { batch, expected: referencePass(parameters, shape, batch, loss, 0.5) };
    });

    test.each(BACKENDS)("%s computes what the reference does", async (backend) => {
      const subject = new Subject(await vectorModelOf(backend, { ...shape, ...loss }, parameters));
      for (const { batch, expected } of cases)
        expectAgreement(subject.passVectors(batch, 0.5), expected, `T ${batch.T}, B ${batch.B}`);
    });
  },
);

test("memory for the gradient of the inputs is reserved, whatever was planned before", async () => {
  const { engine } = await vectorModelOf("simd", { inputSize: 2, hiddenSize: 3 }, {});
  expect(engine.plan(1, 1, { training: true }).dDense).toBe(0);
  expect(engine.plan(1, 1, { training: true, inputGradient: true }).dDense).toBeGreaterThan(0);
});
