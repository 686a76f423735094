import { InputError, LstmError } from "../common/errors.js";
import { refuseUnknown } from "../common/options.js";
import { show } from "../common/show.js";
import { checkNumber } from "../common/validate.js";
import { check, writeSequence } from "../data/examples.js";
import { padded } from "../kernels/kernels.js";
import { addressesOf, type ParameterAddresses } from "../network/parameters.js";
import type { PassPlan } from "../network/plan.js";
import { createModel, type Model } from "./model.js";
import type { ModelOptions } from "./options.js";

/** What a cell is made of: input, hidden and output size, and how its weights start (default: normal, deviation 0.01). */
export interface CellOptions
  extends Pick<ModelOptions, "seed" | "initialization" | "initStd" | "forgetBias" | "backend"> {
  /** Width of the vectors that the cell reads. */
  inputSize: number;
  /** Hidden units. */
  hiddenSize: number;
  /** Values that come out. */
  outputSize: number;
}

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

/** One time step's results. */
export interface CellOutput {
  /** The hidden state [hiddenSize]. */
  readonly h: Float32Array;
  /** The cell state [hiddenSize]. */
  readonly c: Float32Array;
  /** The linear layer's output for h [outputSize]. */
  readonly y: Float32Array;
}

/** Gradients of the loss with respect to what went into a time step. */
export interface CellGradients {
  /** With respect to the input [inputSize]. */
  readonly dX: Float32Array;
  /** With respect to the hidden state before the step [hiddenSize]: the dH of the step before. */
  readonly dH: Float32Array;
  /** With respect to the cell state before the step [hiddenSize]: the dC of the step before. */
  readonly dC: Float32Array;
}

/** What one forward step was given. */
interface Step {
  readonly x: ArrayLike<number>;
  readonly h: ArrayLike<number>;
  readonly c: ArrayLike<number>;
}

/**
 * Makes a bare LSTM cell with a linear output.
 *
 * @throws OptionError for a value that is not allowed, or an option that does not exist
 */
export async function createCell(options: CellOptions): Promise<LstmCell> {
  refuseUnknown(CELL_OPTIONS, options);
  return new LstmCell(await createModel({ initialization: "normal", ...options, returnSequences: true }));
}

/**
 * A bare cell on vectors, step by step, with the kernels of the whole network: h, c = LSTM(x, h, c), y = W·h + b. The
 * parameters are those of {@link Model}: `lstm.weight_ih_l0` and so on. Made by {@link createCell}.
 */
export class LstmCell {
  /** The steps that have gone forward and not yet back. */
  private readonly tape: Step[] = [];
  private readonly gradients: ParameterAddresses;
  /** Runs of floats: the last step's gradients, their sum, and the parameters before the last update. */
  private readonly latest: number;
  private readonly sums: number;
  private readonly previous: number;

  /** @internal */
  constructor(
    /** The model of one layer that holds the parameters: to read and replace them, and to save them. */
    readonly model: Model,
  ) {
    const { engine } = model;
    [this.latest, this.sums, this.previous] = engine.allocate(3).buffers as [number, number, number];
    this.gradients = addressesOf(engine.table, engine.shape, this.latest);
  }

  /**
   * One time step. It is remembered until {@link backward} goes back through it, or {@link discardSteps} drops it.
   *
   * @param x input [inputSize]
   * @param h hidden state before the step [hiddenSize]
   * @param c cell state before the step [hiddenSize]
   * @throws InputError for a vector of another length, or with a number that is not finite
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
   * Back through the last step that has not gone back yet. The parameters' gradients are added up until
   * {@link updateParameters}.
   *
   * @param dY gradient of the loss with respect to y [outputSize]
   * @param dH gradient that reaches the step's h from later steps [hiddenSize]
   * @param dC the same for c [hiddenSize]
   * @throws InputError for a vector of another length, or with a number that is not finite
   * @throws LstmError where no step is left to go back through
   */
  backward(dY: ArrayLike<number>, dH: ArrayLike<number>, dC: ArrayLike<number>): CellGradients {
    const { engine, config } = this.model;
    const { inputSize, hiddenSize, outputSize } = config;
    vector("dY", dY, outputSize);
    vector("dH", dH, hiddenSize);
    vector("dC", dC, hiddenSize);
    const step = this.tape.pop();
    if (!step) throw new LstmError("no step is left to go back through: every backward needs a forward of its own");
    const { plan } = this.run(step);
    writeSequence(engine, plan.logits, { kind: "continuous", size: outputSize }, dY, 0, 1, 1, 0);
    const state = this.pack(dH, dC);
    engine.backward(plan, this.gradients, undefined, state);
    const { floats } = engine;
    for (let i = 0; i < engine.table.length; i++) floats[this.sums / 4 + i]! += floats[this.latest / 4 + i]!;
    return {
      dX: floats.slice(plan.dDense / 4, plan.dDense / 4 + inputSize),
      dH: state.slice(0, hiddenSize),
      dC: state.slice(padded(hiddenSize), padded(hiddenSize) + hiddenSize),
    };
  }

  /**
   * The sum of a parameter's gradients so far, in PyTorch's shape and order.
   *
   * @throws InputError where the cell has no such tensor
   */
  gradient(name: string): Float32Array {
    return this.model.read(name, this.sums);
  }

  /**
   * parameters −= learningRate · gradients; the gradients begin again from zero, and steps that have not gone back are
   * forgotten.
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

  /** Forgets the steps that have gone forward and not back: after a forward that was only to look. */
  discardSteps(): void {
    this.tape.length = 0;
  }

  /** Gives the memory back. */
  free(): void {
    this.model.free();
  }

  private run({ x, h, c }: Step): { plan: PassPlan; output: CellOutput } {
    const { engine, input, config } = this.model;
    const { hiddenSize, outputSize } = config;
    const plan = engine.plan(1, 1, { training: true, inputGradient: true });
    writeSequence(engine, plan.inputs, input, x, 0, 1, 1, 0);
    const state = this.pack(h, c);
    engine.forward(plan, state);
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
