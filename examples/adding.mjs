// The adding problem (Hochreiter and Schmidhuber 1997): each step gives a random number and a mark, which is 1 at two
// of the steps and 0 at the others. The target is the sum of the two marked numbers, so one of them has to be
// remembered over up to 100 steps. Always predicting 1 has a mean squared error of 1/6 = 0.167; this ends below 0.005.
// Sequences have any length from half the steps to all of them, and are trained on together, without padding.
//
//   npm run build && node examples/adding.mjs [steps=100] [seed=1]
import { createModel, evaluate, train } from "lstm-wasm";

const STEPS = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[3] ?? 1);
const BATCH = 50;
const UPDATES = 2000; // at most: with 100 steps, seeds 1 to 5 need 500 to 800
const GOAL = 0.005;
const random = mulberry32(seed);

/** Inputs [T, 2]: a number in [0, 1) and its mark, one mark in each half. The target is one number. */
function example() {
  const T = Math.floor(STEPS / 2) + integer(Math.ceil(STEPS / 2) + 1);
  const inputs = new Float32Array(2 * T);
  for (let t = 0; t < T; t++) inputs[2 * t] = random();
  const first = integer(Math.floor(T / 2));
  const second = Math.floor(T / 2) + integer(Math.ceil(T / 2));
  for (const t of [first, second]) inputs[2 * t + 1] = 1;
  return { inputs, targets: [inputs[2 * first] + inputs[2 * second]] };
}

const training = Array.from({ length: 100 * BATCH }, example);
const test = Array.from({ length: 1000 }, example);

const model = await createModel({
  inputSize: 2,
  outputSize: 1,
  returnSequences: false,
  loss: "mse",
  hiddenSize: 32,
  // Forget gates start open: cells keep their contents until the model learns otherwise.
  forgetBias: 2,
  seed,
  // Backend and threads are fixed, so that the result is the same on every machine.
  backend: "simd",
});
const epochs = Math.ceil((UPDATES * BATCH) / training.length);
const options = { threads: 1, epochs, batchSize: BATCH, learningRate: 0.02, clipNorm: 1 };

console.log(
  `${Math.floor(STEPS / 2)} to ${STEPS} steps, ${training.length} training examples, ${test.length} test examples\n`,
);
let reached = false;
for await (const { step } of train(model, training, options)) {
  const { loss } = await evaluate(model, test);
  reached = loss < GOAL;
  console.log(`${step} updates: test mean squared error ${loss.toFixed(4)}`);
  if (reached) break;
}
console.log(reached ? `\nBelow ${GOAL}: it adds.` : `\nNot below ${GOAL} within ${UPDATES} updates.`);

/** A random integer from 0 to `limit` − 1. */
function integer(limit) {
  return Math.floor(random() * limit);
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
