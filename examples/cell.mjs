// A bare LSTM cell, one step forward and backward: h, c = LSTM(x, h, c), y = W·h + b. Its gradients are then checked by
// finite differences: each input and parameter is changed a little, and the change of the loss compared.
//
//   npm run build && node examples/cell.mjs
import { createCell } from "lstm-wasm/inspect";

const random = mulberry32(1);
const cell = await createCell({ inputSize: 3, hiddenSize: 4, outputSize: 2, seed: 1 });
const x = normals(3);
const zeros = [0, 0, 0, 0];
const dY = normals(2); // the gradient of some loss with respect to y

const next = cell.forward(x, zeros, zeros);
const gradients = cell.backward(dY, zeros, zeros);
cell.updateParameters(0.001);

console.log("Next hidden state (h_next):", column(next.h));
console.log("Next cell state (c_next):", column(next.c));
console.log("Output (y):", column(next.y));
console.log("Gradient with respect to input (d_x):", column(gradients.dX));
console.log("Gradient with respect to previous hidden state (d_h_prev):", column(gradients.dH));
console.log("Gradient with respect to previous cell state (d_c_prev):", column(gradients.dC));

// The check takes another step, from non-zero states and with gradients of all outputs. Its loss has just these
// gradients: the sum of the products of outputs and gradients.
const step = { x: normals(3), h: normals(4), c: normals(4) };
const given = { y: normals(2), h: normals(4), c: normals(4) };
const product = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

function loss() {
  const { y, h, c } = cell.forward(step.x, step.h, step.c);
  return product(y, given.y) + product(h, given.h) + product(c, given.c);
}

/** The derivative of the loss with respect to each of the numbers. `changed` is called after every change. */
function differences(numbers, changed = () => {}) {
  // Small enough for a linear approximation, large enough for the 7 digits of float32.
  const move = 1 / 64;
  return Array.from(numbers, (number, i) => {
    const [up, down] = [number + move, number - move].map((value) => {
      numbers[i] = value;
      changed();
      return loss();
    });
    numbers[i] = number;
    changed();
    return (up - down) / (2 * move);
  });
}

loss(); // runs forward, which backward needs
const { dX, dH, dC } = cell.backward(given.y, given.h, given.c);
const checks = [
  ["d_x", dX, differences(step.x)],
  ["d_h_prev", dH, differences(step.h)],
  ["d_c_prev", dC, differences(step.c)],
];
for (const { name } of cell.model.tensors) {
  const values = cell.model.tensor(name);
  checks.push([name, cell.gradient(name), differences(values, () => cell.model.setTensor(name, values))]);
}

console.log("\nGradients against finite differences, largest deviation relative to the largest gradient:");
for (const [name, gradient, expected] of checks) {
  const largest = Math.max(...expected.map(Math.abs));
  const deviation = Math.max(...expected.map((value, i) => Math.abs(value - gradient[i])));
  console.log(`  ${name.padEnd(18)}${(deviation / largest).toExponential(1)}`);
}

function column(numbers) {
  return `[${Array.from(numbers, (number) => number.toExponential(6)).join(", ")}]`;
}

/** Standard normal numbers, by Box and Muller's method. */
function normals(count) {
  return Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

/** A small seeded generator: uniform in [0, 1). */
function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
