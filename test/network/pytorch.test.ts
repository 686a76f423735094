import { describe, expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { jsonFixture } from "../bytes.js";
import { settle } from "../internals/common.js";
import { allocate, engineBackward, engineForward } from "../internals/engine.js";
import type { Backend } from "../internals/kernels.js";
import { addressesOf, lossOf } from "../internals/network.js";
import { OPTIMIZER_OPTIONS, type OptimizerName, optimizerOf } from "../internals/optim.js";
import { FLOAT32_TOLERANCE, relativeError } from "../kernels/tensors.js";
import type { Tensors } from "../reference.js";
import { type Batch, referencePass } from "./passes.js";
import { modelOf, Subject } from "./subject.js";

/** A file made by test/fixtures/pytorch.py; its docstring tells the shapes. */
interface Fixture {
  sizes: { T: number; B: number; V: number; H: number; layers: number };
  parameters: Record<string, number[]>;
  h_0: number[];
  c_0: number[];
  tokens: number[];
  targets: number[];
  expected: Record<string, number[]>;
  clipNorm: number;
  runs: Run[];
}

interface Run {
  optimizer: OptimizerName;
  learningRate: number;
  momentum: number;
  weightDecay: number;
  losses: number[];
  norms: number[];
}

/** Each of twenty steps starts from the parameters that the rounding of those before has moved a little. */
const TRAINING_TOLERANCE = 1e-4;

describe.each(["one-layer", "two-layers"])("PyTorch's %s network", async (name) => {
  const fixture = await jsonFixture<Fixture>(`pytorch-${name}.json`);
  const { sizes, expected, clipNorm, runs } = fixture;
  const { T, B } = sizes;
  const shape = { vocabularySize: sizes.V, hiddenSize: sizes.H, layers: sizes.layers };
  const parameters: Tensors = Object.fromEntries(
    Object.entries(fixture.parameters).map(([key, values]) => [key, Float64Array.from(values)]),
  );
  const batch: Batch = {
    T,
    B,
    tokens: Int32Array.from(fixture.tokens),
    targets: Int32Array.from(fixture.targets),
    h0: Float64Array.from(fixture.h_0),
    c0: Float64Array.from(fixture.c_0),
  };

  function expectAgreement(actual: Tensors) {
    for (const [key, values] of Object.entries(expected))
      expect(relativeError(actual[key]!, values), key).toBeLessThan(FLOAT32_TOLERANCE);
  }

  test("gives the logits, loss and gradients of the reference", () => {
    expectAgreement(referencePass(parameters, shape, batch, 1 / (T * B)));
  });

  test.each(BACKENDS)("gives the logits, loss and gradients of %s", async (backend) => {
    const subject = new Subject(await modelOf(backend, shape, parameters));
    expectAgreement(subject.pass(batch, 1 / (T * B)));
  });

  describe.each(runs)("trained with $optimizer, momentum $momentum, weight decay $weightDecay", (run) => {
    test.each(BACKENDS)("gives the losses and gradient norms of %s", async (backend) => {
      const { losses, norms } = await trainLike(run, backend);
      run.losses.forEach((expectedLoss, step) => {
        expect(relativeError([losses[step]!], [expectedLoss]), `loss ${step}`).toBeLessThan(TRAINING_TOLERANCE);
        expect(relativeError([norms[step]!], [run.norms[step]!]), `norm ${step}`).toBeLessThan(TRAINING_TOLERANCE);
      });
    });
  });

  /** Steps on the same batch, each from a zero state: the mean loss and the gradient's norm before each. */
  async function trainLike(run: Run, backend: Backend) {
    const { engine } = await modelOf(backend, shape, parameters);
    const { kernels, table } = engine;
    const { optimizer, learningRate, momentum, weightDecay } = run;
    const config = settle(OPTIMIZER_OPTIONS, { optimizer, learningRate, momentum, weightDecay });
    const used = optimizerOf(config);
    const [gradients, previous, ...state] = allocate(engine, 2 + used.stateNames(config).length).buffers as [
      number,
      number,
      ...number[],
    ];
    const addresses = { parameters: engine.parameters, previous, gradients, state, length: table.length };
    const plan = engine.plan(T, B, { training: true });
    const losses: number[] = [];
    const norms: number[] = [];
    for (let step = 1; step <= run.losses.length; step++) {
      engine.integers.set(batch.tokens, plan.inputs / 4);
      engine.integers.set(batch.targets, plan.targets / 4);
      engineForward(engine, plan, engine.createState(B));
      losses.push(lossOf(engine, plan, 1 / (T * B)) / (T * B));
      engineBackward(engine, plan, addressesOf(table, engine.shape, gradients));
      const norm = Math.sqrt(kernels.sumOfSquares(gradients, table.length));
      norms.push(norm);
      const gradientScale = Math.min(1, clipNorm / norm);
      used.update(kernels, addresses, { step, learningRate, gradientScale }, config);
    }
    return { losses, norms };
  }
});
