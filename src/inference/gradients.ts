import { type Example, IGNORED, readExamples, type Sequence, writeRow } from "../data/examples.js";
import { engineBackward } from "../engine/backward.js";
import { engineForward } from "../engine/forward.js";
import { allocate, release } from "../engine/training-memory.js";
import { padded } from "../kernels/kernels.js";
import { specOf } from "../model/dataset.js";
import { checkModel, type Model } from "../model/model.js";
import { lossOf } from "../network/loss.js";
import { addressesOf } from "../network/parameters.js";
import type { PassPlan } from "../network/plan.js";

/** The gradients of a loss. */
export interface Gradients {
  /** The loss, summed over the targets that count, times the example's weight. */
  readonly loss: number;
  /** Of each parameter, by the names and in the shapes of `model.tensors`. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** Of the inputs: of vectors [T, inputSize]; of tokens as one-hot vectors [T, tokens], or as embeddings [T, embeddingSize]. */
  readonly inputs: Float32Array;
}

/**
 * The gradients of the loss of one example, read from a zero state: what a step of training would compute, without
 * clipping, and without a mean over the targets.
 *
 * @throws InputError for an example that does not fit the model
 * @throws LstmError while the model is being trained
 * @throws OutOfMemoryError if the example is too long
 */
export async function gradients(model: Model, example: Example): Promise<Gradients> {
  checkModel(model);
  const [sequence] = readExamples([example], specOf(model));
  await model.engine.complete();
  return gradientsOf(model, sequence!);
}

function gradientsOf(model: Model, { inputs, targets, weight }: Sequence): Gradients {
  const { engine, input, output, config } = model;
  const width = input.kind === "continuous" ? input.size : 1;
  const T = inputs.length / width;
  const { buffers } = allocate(engine, 1);
  const buffer = buffers[0]!;
  try {
    const options = { training: true, inputGradient: true, weighted: true };
    const plan = engine.plan(T, 1, config.returnSequences ? options : { ...options, outputRows: 1 });
    for (let t = 0; t < T; t++) writeRow(engine, plan.inputs, input, inputs, t, t);
    for (let r = 0; r < plan.outputRows; r++) {
      writeRow(engine, plan.targets, output, targets, r, r);
      engine.floats[plan.weights / 4 + r] = targets[r] === IGNORED && output.kind === "categorical" ? 0 : weight;
    }
    engineForward(engine, plan, engine.createState(1));
    const loss = lossOf(engine, plan, 1);
    engineBackward(engine, plan, addressesOf(engine.table, engine.shape, buffer));
    const parameters = new Map(model.tensors.map(({ name }) => [name, model.read(name, buffer)]));
    return { loss, parameters, inputs: inputGradient(model, plan) };
  } finally {
    release(engine);
  }
}

function inputGradient(model: Model, plan: PassPlan): Float32Array {
  const { input, config, engine } = model;
  if (input.kind === "categorical" && config.embeddingSize === 0) return oneHotGradient(model, plan);
  const size = config.embeddingSize || input.size;
  const values = new Float32Array(plan.T * size);
  for (let t = 0; t < plan.T; t++) {
    const row = plan.dDense / 4 + t * padded(size);
    values.set(engine.floats.subarray(row, row + size), t * size);
  }
  return values;
}

/** Of one-hot vectors, which the kernels never see: the gradient of the gates' sums times the input weights. */
function oneHotGradient(model: Model, { T, layers }: PassPlan): Float32Array {
  const { engine, input, config } = model;
  const { floats } = engine;
  const [V, hiddenSize] = [input.size, config.hiddenSize];
  const H = padded(hiddenSize);
  const values = new Float32Array(T * V);
  for (const [direction, { gates }] of layers[0]!.directions.entries()) {
    // [4 · hiddenSize, V]
    const weights = model.tensor(`lstm.weight_ih_l0${direction === 0 ? "" : "_reverse"}`);
    for (let t = 0; t < T; t++) {
      const row = gates / 4 + (direction === 0 ? t : T - 1 - t) * 4 * H;
      for (let j = 0; j < 4 * hiddenSize; j++) {
        const d = floats[row + Math.floor(j / hiddenSize) * H + (j % hiddenSize)]!;
        if (d !== 0) for (let v = 0; v < V; v++) values[t * V + v]! += d * weights[j * V + v]!;
      }
    }
  }
  return values;
}
