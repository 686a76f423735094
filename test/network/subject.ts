import { expect } from "vitest";
import { CharacterVocabulary } from "../internals/data.js";
import { allocate, engineBackward, engineForward } from "../internals/engine.js";
import { type Backend, createKernels, padded } from "../internals/kernels.js";
import { initialize, Model, type ModelOptions, settleModel } from "../internals/model.js";
import type { Dropout, NetworkShape, PassPlan } from "../internals/network.js";
import { addressesOf, lossOf } from "../internals/network.js";
import { narrow, widen } from "../kernels/tensors.js";
import { type Batch, gradientsByName, type Results } from "./passes.js";

/** Floats after a plan that are watched. */
const GUARD = 1024;

/** A model of a shape; its characters do not matter. */
export async function modelOf(
  backend: Backend,
  shape: NetworkShape,
  parameters: Record<string, ArrayLike<number>>,
): Promise<Model> {
  const letters = Array.from({ length: shape.vocabularySize }, (_, i) => String.fromCodePoint(0x41 + i));
  const { vocabularySize: _, ...sizes } = shape;
  const model = initialize(
    new Model(new CharacterVocabulary(letters), settleModel(sizes), await createKernels(backend)),
  );
  for (const [name, values] of Object.entries(parameters)) model.setTensor(name, values);
  return model;
}

/** A model that reads vectors. */
export async function vectorModelOf(
  backend: Backend,
  options: ModelOptions,
  parameters: Record<string, ArrayLike<number>>,
): Promise<Model> {
  const model = initialize(new Model(undefined, settleModel(options), await createKernels(backend)));
  for (const [name, values] of Object.entries(parameters)) model.setTensor(name, values);
  return model;
}

/** What a pass over vectors starts from. */
export interface VectorBatch {
  readonly T: number;
  readonly B: number;
  /** [T, B, I] */
  readonly x: Float64Array;
  /** [S, B, N], the targets of the last S steps: T, or 1 */
  readonly y: Float64Array;
  /** [layers, B, H] */
  readonly h0: Float64Array;
  readonly c0: Float64Array;
}

/** Passes through a model's engine, from and to PyTorch's shapes. */
export class Subject {
  private readonly gradients: number;
  private readonly H: number;
  /** H in memory. */
  private readonly width: number;

  constructor(readonly model: Model) {
    [this.gradients] = allocate(model.engine, 1).buffers as [number];
    this.H = model.config.hiddenSize;
    this.width = padded(this.H);
  }

  /** A pass forward and back, in memory full of NaN. The loss is the sum over all rows times gradientScale. */
  pass({ T, B, tokens, targets, h0, c0, dropout }: Batch, gradientScale: number): Results {
    const { engine } = this.model;
    const outputRows = targets.length;
    const plan = this.poisoned(engine.plan(T, B, { training: true, dropout: dropout !== undefined, outputRows }));
    engine.integers.set(tokens, plan.inputs / 4);
    engine.integers.set(targets, plan.targets / 4);
    return this.through(plan, h0, c0, gradientScale, dropout);
  }

  /** The same over vectors, with the gradient of x. Nothing reads the padding of the targets, which stays NaN. */
  passVectors({ T, B, x, y, h0, c0 }: VectorBatch, gradientScale: number): Results {
    const { engine, input, output } = this.model;
    const [I, N] = [padded(input.size), padded(output.size)];
    const outputRows = y.length / output.size;
    const plan = this.poisoned(engine.plan(T, B, { training: true, inputGradient: true, outputRows }));
    engine.floats.set(widen(x, input.size, I), plan.inputs / 4);
    engine.floats.set(widen(y, output.size, N, Number.NaN), plan.targets / 4);
    const results = this.through(plan, h0, c0, gradientScale);
    return { ...results, "gradient x": narrow(this.floats(plan.dDense, T * B * I), I, input.size) };
  }

  private poisoned(plan: PassPlan): PassPlan {
    this.model.engine.floats.fill(Number.NaN, plan.inputs / 4, Math.ceil(plan.end / 4) + GUARD);
    return plan;
  }

  /** Forward and back through a plan whose inputs and targets are there. */
  private through(
    plan: PassPlan,
    h0: Float64Array,
    c0: Float64Array,
    gradientScale: number,
    dropout?: Dropout,
  ): Results {
    const { engine, output } = this.model;
    const { B, outputRows } = plan;
    const N = padded(output.size);
    const state = this.pack(h0, c0);
    engineForward(engine, plan, state, dropout);
    const scores = narrow(this.floats(plan.logits, outputRows * N), N, output.size);
    const loss = gradientScale * lossOf(engine, plan, gradientScale);
    engineBackward(engine, plan, addressesOf(engine.table, engine.shape, this.gradients), dropout);
    const end = Math.ceil(plan.end / 4);
    const beyond = engine.floats.subarray(end, end + GUARD);
    expect(beyond.every(Number.isNaN), "nothing is written beyond the plan").toBe(true);
    const states = (addresses: number[]) =>
      narrow(Float64Array.from(addresses.flatMap((at) => [...this.floats(at, B * this.width)])), this.width, this.H);
    return {
      scores,
      loss: Float64Array.of(loss),
      ...this.unpack(state),
      ...gradientsByName(this.readGradients()),
      "gradient h_0": states(plan.stateGradients.filter((_, i) => i % 2 === 0)),
      "gradient c_0": states(plan.stateGradients.filter((_, i) => i % 2 === 1)),
    };
  }

  private readGradients(): Results {
    const { model, gradients } = this;
    return Object.fromEntries(model.tensors.map(({ name }) => [name, Float64Array.from(model.read(name, gradients))]));
  }

  /** h and c [layers, B, H] as the engine keeps them: [layers, h and c, B, width]. */
  private pack(h: Float64Array, c: Float64Array): Float32Array {
    const { layers } = this.model.config;
    const [hWide, cWide] = [widen(h, this.H, this.width), widen(c, this.H, this.width)];
    const size = hWide.length / layers;
    const state = new Float32Array(2 * hWide.length);
    for (let l = 0; l < layers; l++) {
      state.set(hWide.subarray(l * size, (l + 1) * size), 2 * l * size);
      state.set(cWide.subarray(l * size, (l + 1) * size), (2 * l + 1) * size);
    }
    return state;
  }

  private unpack(state: Float32Array): Results {
    const size = state.length / this.model.config.layers / 2;
    const half = (which: 0 | 1) =>
      narrow(
        state.filter((_, i) => Math.floor(i / size) % 2 === which),
        this.width,
        this.H,
      );
    return { h_n: half(0), c_n: half(1) };
  }

  private floats(address: number, length: number): Float32Array {
    return this.model.engine.floats.subarray(address / 4, address / 4 + length);
  }
}
