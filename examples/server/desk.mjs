/**
 * Where a batch of steps lies between the server's thread and a worker's, in shared memory: a row for each, with its input, the
 * state before it and, once it is computed, its outputs and the state after it.
 */
export class Desk {
  /** [rows, inputSize]: tokens, or vectors. */
  #inputs;
  /** [rows, h and c, layers · hiddenSize] */
  #before;
  #after;
  /** [rows, outputSize] */
  #outputs;
  #sizes;

  /** @param {SharedArrayBuffer} [memory] that of the other thread's desk */
  constructor(sizes, memory = new SharedArrayBuffer(4 * floatsOf(sizes))) {
    const { rows, inputSize, stateSize, outputSize, readsTokens } = sizes;
    this.memory = memory;
    this.#sizes = sizes;
    let at = 0;
    const take = (type, length) => {
      const array = new type(memory, at, length);
      at += 4 * length;
      return array;
    };
    this.#inputs = take(readsTokens ? Int32Array : Float32Array, rows * inputSize);
    this.#before = take(Float32Array, rows * stateSize);
    this.#after = take(Float32Array, rows * stateSize);
    this.#outputs = take(Float32Array, rows * outputSize);
  }

  /** Puts a step there. */
  put(row, input, state) {
    const { inputSize, stateSize } = this.#sizes;
    this.#inputs.set(input, row * inputSize);
    this.#before.set(state, row * stateSize);
  }

  /** The inputs of rows, one after another. */
  inputs(first, count) {
    const { inputSize } = this.#sizes;
    return this.#inputs.subarray(first * inputSize, (first + count) * inputSize);
  }

  /** The state before a step, as a stream restores it. */
  before(row) {
    const { stateSize, layers, hiddenSize } = this.#sizes;
    const [start, half] = [row * stateSize, stateSize / 2];
    const [h, c] = [0, half].map((at) => this.#before.subarray(start + at, start + at + half));
    return { layers, hiddenSize, h, c };
  }

  /** Puts a step's results there. */
  finish(row, outputs, { h, c }) {
    const { outputSize, stateSize } = this.#sizes;
    this.#outputs.set(outputs, row * outputSize);
    this.#after.set(h, row * stateSize);
    this.#after.set(c, row * stateSize + stateSize / 2);
  }

  /** Copies of a step's results. */
  results(row) {
    const { outputSize, stateSize } = this.#sizes;
    return {
      outputs: this.#outputs.slice(row * outputSize, (row + 1) * outputSize),
      state: this.#after.slice(row * stateSize, (row + 1) * stateSize),
    };
  }
}

/** The sizes of a desk for a model. */
export function sizesFor({ input, output, config, reads }, rows) {
  const { layers, hiddenSize } = config;
  const readsTokens = reads === "tokens";
  return {
    ...{ rows, readsTokens, layers, hiddenSize },
    ...{ inputSize: readsTokens ? 1 : input.size, stateSize: 2 * layers * hiddenSize, outputSize: output.size },
  };
}

const floatsOf = ({ rows, inputSize, stateSize, outputSize }) => rows * (inputSize + 2 * stateSize + outputSize);
