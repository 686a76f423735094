import { describe, expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { TokenStreams } from "../internals/data.js";
import { optimizerOf } from "../internals/optim.js";
import { methodsOf, settleTraining, Trainer, type TrainOptions } from "../internals/training.js";
import { countSubnormal, normals } from "../kernels/tensors.js";
import { backward, forward, squaredError, type Tensors } from "../reference.js";
import { expectAgreement } from "./compare.js";
import { gradientsByName, randomParameters } from "./passes.js";
import { modelOf, Subject, type VectorBatch, vectorModelOf } from "./subject.js";

// Values that shrink from step to step become 0 before they become subnormal: see assembly/cut.ts.

describe("a loss at the last of 400 steps", () => {
  const [T, B, I, H, layers] = [400, 2, 4, 16, 2];
  const options = { inputSize: I, hiddenSize: H, outputSize: 1, layers };
  const random = new Random(1);
  const parameters = uniformParameters(random, options);
  const state = () => new Float64Array(layers * B * H);
  const batch = { T, B, x: normals(random, T * B * I), y: normals(random, B), h0: state(), c0: state() };
  const expected = referencePass(parameters, batch);

  /** As torch.nn.LSTM initializes them: gradients about halve from step to step. */
  function uniformParameters(random: Random, shape: typeof options): Tensors {
    const tensors = Object.entries(randomParameters(random, { vocabularySize: 0, ...shape }));
    const bound = 1 / Math.sqrt(H);
    return Object.fromEntries(
      tensors.map(([name, values]) => [name, values.map(() => Math.fround((2 * random.uniform() - 1) * bound))]),
    );
  }

  function referencePass(parameters: Tensors, { x, y, h0, c0 }: VectorBatch) {
    const sizes = { T, B, I, H, V: 1, layers };
    const pass = forward(parameters, sizes, x, h0, c0);
    const scores = pass.scores.subarray(pass.scores.length - B);
    const { loss, gradient } = squaredError(scores, y, 1, 0);
    const dScores = new Float64Array(pass.scores.length);
    dScores.set(gradient, dScores.length - B);
    const d = backward(parameters, sizes, pass, dScores);
    return {
      scores,
      loss: Float64Array.of(loss),
      h_n: pass.hFinal,
      c_n: pass.cFinal,
      ...gradientsByName(d.parameters),
      "gradient h_0": d.h0,
      "gradient c_0": d.c0,
      "gradient x": d.x,
    };
  }

  test("has gradients that float32 cannot represent", () => {
    const first = expected["gradient x"].subarray(0, B * I);
    expect(Math.max(...first.map(Math.abs))).toBeLessThan(1e-45);
  });

  test.each(BACKENDS)("%s: leaves no subnormal number anywhere, and the reference's gradients", async (backend) => {
    const model = await vectorModelOf(backend, { ...options, returnSequences: false }, parameters);
    const subject = new Subject(model);
    expectAgreement(subject.passVectors(batch, 1), expected, backend);
    const { floats } = model.engine;
    expect(countSubnormal(floats.subarray(model.engine.parameters / 4))).toBe(0);
  });
});

describe("tokens that no longer occur", () => {
  const SHAPE = { vocabularySize: 12, hiddenSize: 4, layers: 1, embeddingSize: 4 };
  const STEPS = 1200;
  // 20 steps of all tokens, then of two.
  const tokens = Int32Array.from({ length: 2 * STEPS + 1 }, (_, i) => (i < 40 ? i % 12 : i % 2));
  const CASES = BACKENDS.flatMap((backend) =>
    [
      { optimizer: "adam", learningRate: 1e-3 },
      { optimizer: "adamw", learningRate: 1e-2, weightDecay: 10 },
      { optimizer: "sgd", momentum: 0.9, learningRate: 1e-2, weightDecay: 10 },
      { optimizer: "rmsprop", learningRate: 1e-3 },
    ].map((options) => ({ backend, training: options as TrainOptions & { optimizer: string } })),
  );

  test.each(CASES)(
    "$backend, $training.optimizer: leave no subnormal number anywhere",
    async ({ backend, training }) => {
      const model = await modelOf(backend, SHAPE, randomParameters(new Random(1), SHAPE));
      const config = settleTraining({ ...training, gradientShards: 1 });
      const trainer = new Trainer(model, new TokenStreams(tokens, 1, 2), config, await methodsOf(config), 1, {
        fingerprint: "",
        validationFingerprint: undefined,
      });
      for (let step = 0; step < STEPS; step++) await trainer.advance();
      const { state, parameters } = trainer.snapshot();
      expect([...state!.optimizerState.keys()]).toEqual(optimizerOf(config).stateNames(config));
      for (const [name, values] of state!.optimizerState) expect(countSubnormal(values), name).toBe(0);
      expect(countSubnormal(parameters)).toBe(0);
      trainer.free();
    },
  );
});
