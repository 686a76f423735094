import { InputError } from "../common/errors.js";
import { show } from "../common/show.js";
import { check } from "../data/examples.js";

/** The state of one sequence in a stream, as plain data: what {@link LstmStream.restore} takes. */
export interface StreamState {
  /** Number of layers. */
  readonly layers: number;
  /** Hidden units per layer. */
  readonly hiddenSize: number;
  /** The hidden state of each layer [layers, hiddenSize], concatenated: PyTorch's h_n. */
  readonly h: ArrayLike<number>;
  /** The cell state of each layer [layers, hiddenSize], concatenated: PyTorch's c_n. */
  readonly c: ArrayLike<number>;
}

/**
 * A copy of the state of one sequence in a stream. It survives `structuredClone`, `postMessage` and JSON without loss of a
 * bit, so it can be kept anywhere.
 */
export class StreamSnapshot implements StreamState {
  /** @internal */
  constructor(
    /** Number of layers. */
    readonly layers: number,
    /** Hidden units per layer. */
    readonly hiddenSize: number,
    /** The hidden state of each layer [layers, hiddenSize], concatenated: PyTorch's h_n. */
    readonly h: Float32Array,
    /** The cell state of each layer [layers, hiddenSize], concatenated: PyTorch's c_n. */
    readonly c: Float32Array,
  ) {}

  /** The state with plain arrays, for JSON. */
  toJSON(): StreamState {
    const { layers, hiddenSize, h, c } = this;
    return { layers, hiddenSize, h: Array.from(h), c: Array.from(c) };
  }
}

/** @throws InputError unless it is a state of a model with these sizes, all of it finite */
export function checkState(value: unknown, layers: number, hiddenSize: number): StreamState {
  const state = Object(value) as StreamState;
  const wanted = `a snapshot of a model with layers ${layers} and hiddenSize ${hiddenSize}`;
  if (state.layers !== layers || state.hiddenSize !== hiddenSize) {
    const sizes = `layers ${show(state.layers)} and hiddenSize ${show(state.hiddenSize)}`;
    const isState = state.layers !== undefined && state.hiddenSize !== undefined;
    throw new InputError(`expected ${wanted}, got ${isState ? `one with ${sizes}` : show(value)}`);
  }
  const size = layers * hiddenSize;
  for (const name of ["h", "c"] as const) {
    const values = state[name];
    if (values?.length !== size)
      throw new InputError(`snapshot, ${name}: expected ${size} numbers, got ${values?.length ?? show(values)}`);
    check(values, { kind: "continuous", size }, `snapshot, ${name}`);
  }
  return state;
}
