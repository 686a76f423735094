import type { TensorData } from "../checkpoint/safetensors/safetensors.js";
import { scalesOf } from "../network/tensors.js";

/** The largest magnitude of a weight; −128 is not used, so that both signs reach as far. */
const LEVELS = 127;

/**
 * A matrix as int8, symmetrically with one scale per row, so that its largest number is ±127; and the scales, under the
 * name that a checkpoint has for them.
 */
export function quantized(name: string, shape: readonly number[], values: Float32Array): [string, TensorData][] {
  const [rows, columns] = shape as [number, number];
  const scales = new Float32Array(rows);
  const weights = new Int8Array(values.length);
  for (let row = 0; row < rows; row++) {
    const numbers = values.subarray(row * columns, (row + 1) * columns);
    const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    scales[row] = largest / LEVELS;
    // Of tiny numbers, the scale may be 0.
    const scale = scales[row] || Number.POSITIVE_INFINITY;
    for (let column = 0; column < columns; column++)
      weights[row * columns + column] = Math.max(-LEVELS, Math.min(LEVELS, Math.round(numbers[column]! / scale)));
  }
  return [
    [name, { dtype: "I8", shape, data: weights }],
    [scalesOf(name), { dtype: "F32", shape: [rows], data: scales }],
  ];
}
