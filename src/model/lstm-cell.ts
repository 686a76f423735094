import { InputError, LstmError, OutOfMemoryError } from "../common/errors.js";
import { refuseUnknown } from "../common/options.js";
import { show } from "../common/show.js";
import { checkNumber } from "../common/validate.js";
import { check, writeRow } from "../data/examples.js";
import { engineBackward } from "../engine/backward.js";
import { engineForward } from "../engine/forward.js";
import { allocate } from "../engine/training-memory.js";
import { ADDRESSABLE, padded } from "../kernels/kernels.js";
import { addressesOf, type ParameterAddresses, planParameters } from "../network/parameters.js";
import type { PassPlan } from "../network/plan.js";
import { createModel, type Model, shapeOf } from "./model.js";
import { type ModelOptions, settleModel } from "./options.js";

/** Options of {@link createCell}: sizes and weight initialization (default: normal, standard deviation 0.01). */
export interface CellOptions
  extends Pick<ModelOptions, "seed" | "initialization" | "initStd" | "forgetBias" | "backend"> {
  /** Width of the input vectors. */
  inputSize: number;
  /** Hidden units. */
  hiddenSize: number;
  /** Width of the output vectors. */
  outputSize: number;
}

/** Flat buffers beside the parameters: two of gradients, and the parameters before the last update. */
const CELL_BUFFERS = 3;

const CELL_OPTIONS = [
  "inputSize",
  "hiddenSize",
  "outputSize",
  "seed",
  "initialization",
  "initStd",
  "forgetBias",
  "backend",
];

/** The results of one time step. */
export interface CellOutput {
  /** The hidden state [hiddenSize]. */
  readonly h: Float32Array;
  /** The cell state [hiddenSize]. */
  readonly c: Float32Array;
  /** The linear layer's output for h [outputSize]. */
  readonly y: Float32Array;
}

/** Gradients of the loss with respect to the inputs of a time step. */
export interface CellGradients {
  /** With respect to the input [inputSize]. */
  readonly dX: Float32Array;
  /** With respect to the hidden state before the step [hiddenSize]: the dH of the step before. */
  readonly dH: Float32Array;
  /** With respect to the cell state before the step [hiddenSize]: the dC of the step before. */
  readonly dC: Float32Array;
}

/** The inputs of one forward step. */
interface Step {
  readonly x: ArrayLike<number>;
  readonly h: ArrayLike<number>;
  readonly c: ArrayLike<number>;
}

// Fetched by createCell.

/**
 * As `createCell`.
 *
 * @throws OptionError for an invalid option value or an unknown option
 * @throws OutOfMemoryError if the parameters and their gradients do not fit into memory
 */
export async function newCell(options: CellOptions): Promise<LstmCell> {
  refuseUnknown(CELL_OPTIONS, options);
  const wanted = { initialization: "normal", ...options, returnSequences: true } as const;
  // Drawing the parameters of a large cell takes a minute: first see that its gradients fit beside them.
  const bytes = 4 * (1 + CELL_BUFFERS) * planParameters(shapeOf(settleModel(wanted), 0)).length;
  if (bytes > ADDRESSABLE) throw new OutOfMemoryError(bytes);
  return new LstmCell(await createModel(wanted));
}

/**
 * A bare LSTM cell on vectors, one step at a time, with the same kernels as the network: h, c = LSTM(x, h, c), y = W·h
 * + b. The parameters are those of {@link Model}: `lstm.weight_ih_l0` and so on. Created by {@link createCell}.
 */
export class LstmCell {
  /** The forward steps without a backward step yet. */
  private readonly tape: Step[] = [];
  private readonly gradients: ParameterAddresses;
  /** Flat buffers: the last step's gradients, their sum, and the parameters before the last update. */
  private readonly latest: number;
  private readonly sums: number;
  private readonly previous: number;

  /** @internal */
  constructor(
    /** The one-layer model that holds the parameters: use it to read, replace and save them. */
    readonly model: Model,
  ) {
    const { engine } = model;
    [this.latest, this.sums, this.previous] = allocate(engine, CELL_BUFFERS).buffers as [number, number, number];
    this.gradients = addressesOf(engine.table, engine.shape, this.latest);
  }

  /**
   * Runs one time step, and keeps it for {@link backward} until {@link discardSteps}.
   *
   * @param x input [inputSize]
   * @param h hidden state before the step [hiddenSize]
   * @param c cell state before the step [hiddenSize]
   * @throws InputError for a vector of the wrong length, or with a number that is not finite
   */
  forward(x: ArrayLike<number>, h: ArrayLike<number>, c: ArrayLike<number>): CellOutput {
    const { inputSize, hiddenSize } = this.model.config;
    vector("x", x, inputSize);
    vector("h", h, hiddenSize);
    vector("c", c, hiddenSize);
    const step = { x: Float32Array.from(x), h: Float32Array.from(h), c: Float32Array.from(c) };
    this.tape.push(step);
    return this.run(step).output;
  }

  /**
   * Backpropagates through the last step that has not been backpropagated yet. The parameters' gradients accumulate
   * until {@link updateParameters}.
   *
   * @param dY gradient of the loss with respect to y [outputSize]
   * @param dH gradient with respect to the step's h from later steps [hiddenSize]
   * @param dC the same for c [hiddenSize]
   * @throws InputError for a vector of the wrong length, or with a number that is not finite
   * @throws LstmError if no step is left
   */
  backward(dY: ArrayLike<number>, dH: ArrayLike<number>, dC: ArrayLike<number>): CellGradients {
    const { engine, config } = this.model;
    const { inputSize, hiddenSize, outputSize } = config;
    vector("dY", dY, outputSize);
    vector("dH", dH, hiddenSize);
    vector("dC", dC, hiddenSize);
    const step = this.tape.pop();
    if (!step) throw new LstmError("no step left to backpropagate through: call forward once for every backward");
    const { plan } = this.run(step);
    writeRow(engine, plan.logits, { kind: "continuous", size: outputSize }, dY, 0, 0);
    const state = this.pack(dH, dC);
    engineBackward(engine, plan, this.gradients, undefined, state);
    const { floats } = engine;
    for (let i = 0; i < engine.table.length; i++) floats[this.sums / 4 + i]! += floats[this.latest / 4 + i]!;
    return {
      dX: floats.slice(plan.dDense / 4, plan.dDense / 4 + inputSize),
      dH: state.slice(0, hiddenSize),
      dC: state.slice(padded(hiddenSize), padded(hiddenSize) + hiddenSize),
    };
  }

  /**
   * The accumulated gradient of a parameter tensor, in PyTorch's shape and order.
   *
   * @throws InputError if the cell has no such tensor
   */
  gradient(name: string): Float32Array {
    return this.model.read(name, this.sums);
  }

  /**
   * parameters −= learningRate · gradients; resets the gradients to zero, and discards pending steps.
   *
   * @throws OptionError unless the learning rate is above 0
   */
  updateParameters(learningRate: number): void {
    checkNumber("learningRate", learningRate, { above: 0 });
    const { kernels, parameters, table } = this.model.engine;
    kernels.sgd(parameters, this.previous, this.sums, 0, table.length, learningRate, 0, 0, 1);
    kernels.clear(this.sums, table.length);
    this.discardSteps();
  }

  /** Discards steps without a backward, such as after forward steps for inference only. */
  discardSteps(): void {
    this.tape.length = 0;
  }

  /** Frees the memory. */
  free(): void {
    this.model.free();
  }

  private run({ x, h, c }: Step): { plan: PassPlan; output: CellOutput } {
    const { engine, input, config } = this.model;
    const { hiddenSize, outputSize } = config;
    const plan = engine.plan(1, 1, { training: true, inputGradient: true });
    writeRow(engine, plan.inputs, input, x, 0, 0);
    const state = this.pack(h, c);
    engineForward(engine, plan, state);
    const H = padded(hiddenSize);
    const y = engine.floats.slice(plan.logits / 4, plan.logits / 4 + outputSize);
    return { plan, output: { h: state.slice(0, hiddenSize), c: state.slice(H, H + hiddenSize), y } };
  }

  private pack(h: ArrayLike<number>, c: ArrayLike<number>): Float32Array {
    const state = this.model.engine.createState(1);
    state.set(h, 0);
    state.set(c, state.length / 2);
    return state;
  }
}

/** @throws InputError unless it is a vector of finite numbers of this length */
function vector(name: string, values: ArrayLike<number>, length: number): void {
  if (values?.length !== length)
    throw new InputError(`${name}: expected ${length} numbers, got ${values?.length ?? show(values)}`);
  check(values, { kind: "continuous", size: length }, name);
}
