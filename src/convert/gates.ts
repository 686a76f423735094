import { allocateFloats } from "../common/errors.js";

// The four gates: i input, f forget, g cell candidate (Keras and ONNX call it c, TensorFlow 1 calls it j), o output.
// docs/convert.md has the same table, with what each framework does about biases.

/** In which order each framework stacks the gates, in weights and biases. */
export const GATE_ORDERS = {
  /** torch.nn.LSTM, and this library. */
  pytorch: "ifgo",
  keras: "ifgo",
  onnx: "iofg",
  /** tf.nn.rnn_cell.BasicLSTMCell of TensorFlow 1, of which ml5's models are made. */
  basicLstmCell: "igfo",
} as const;

type GateOrder = (typeof GATE_ORDERS)[keyof typeof GATE_ORDERS];

/** The blocks of one order in another one: `values` are [4, …], a block for each gate. */
export function reorderGates(values: Float32Array, from: GateOrder, to: GateOrder): Float32Array {
  if (from === to) return values;
  const block = values.length / 4;
  const reordered = allocateFloats(values.length);
  for (const [at, gate] of [...to].entries()) {
    const source = from.indexOf(gate);
    reordered.set(values.subarray(source * block, (source + 1) * block), at * block);
  }
  return reordered;
}

/** [rows, columns] as [columns, rows]. */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const transposed = allocateFloats(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) transposed[column * rows + row] = values[row * columns + column]!;
  return transposed;
}

/** The sum of two biases, or the one that there is; zeros where there is none. */
export function addBiases(a: Float32Array | undefined, b: Float32Array | undefined, length: number): Float32Array {
  if (!a || !b) return a ?? b ?? allocateFloats(length);
  // Nothing is added where there is nothing to add: 0 would make 0 of −0.
  return a.map((value, i) => (b[i] === 0 ? value : value + b[i]!));
}
