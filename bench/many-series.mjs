// A thousand series of 200 rows: how fast a forecaster trains on their windows, which are made each time that a batch is
// written, beside a network of the same shape on copies of the same windows; and what memory does meanwhile.
// usage: node bench/many-series.mjs [ROUNDS], on the built library. One thread; CPU time, in turns.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { prepareForecaster } from "../dist/bundle/forecast.js";
import { createModel, train } from "../dist/bundle/node.js";

const [SERIES, ROWS] = [1000, 200];
const rounds = Number(process.argv[2] ?? 3);
if (!(Number.isInteger(rounds) && rounds > 0)) {
  console.error("usage: node bench/many-series.mjs [ROUNDS]");
  process.exit(2);
}

let state = 1;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const walk = () => {
  const y = new Float64Array(ROWS).fill(100);
  for (let row = 1; row < ROWS; row++) y[row] = y[row - 1] + uniform() - 0.45;
  return y;
};
const series = Array.from({ length: SERIES }, (_, s) => ({ id: `s${s}`, columns: { y: walk() } }));

// Settled, so that nothing is tried.
const { forecaster, examples, training } = await prepareForecaster(series, {
  ...{ target: "y", transform: "none", difference: "first", scaling: "window", testFraction: 0 },
  training: { epochs: 1, threads: 1 },
});
const { model } = forecaster;
const window = examples[0].inputs.length;
const tokens = examples.length * window;
console.log(
  `${SERIES} series of ${ROWS} rows: ${examples.length} windows of ${window} rows, ${model.config.hiddenSize} units`,
);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
/** Bytes of heap and buffers after a full collection. */
const bytes = () => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const megabytes = (count) => `${(count / 2 ** 20).toFixed(1)} MB`;

/** Tokens per second of CPU time, over an epoch. */
async function rateOf(network, data) {
  const before = process.cpuUsage();
  await train(network, data, training);
  const { user, system } = process.cpuUsage(before);
  return tokens / ((user + system) / 1e6);
}

await rateOf(model, examples.slice(0, 2000));
const memory = [bytes()];
for (let epoch = 0; epoch < rounds; epoch++) {
  await rateOf(model, examples);
  memory.push(bytes());
}
console.log(`memory before the first epoch and after each: ${memory.map(megabytes).join(", ")}`);

const { vocabulary: _, ...config } = model.config;
const other = await createModel({ ...config, backend: model.backend });
const copies = examples.map(({ inputs, targets }) => ({ inputs: inputs.slice(), targets: targets.slice() }));
const ratios = [];
for (let round = 0; round < rounds; round++) {
  const [ours, plain] = [await rateOf(model, examples), await rateOf(other, copies)];
  ratios.push(ours / plain);
  console.log(
    `${Math.round(ours)} tokens/s from the series, ${Math.round(plain)} from copies: ${(ours / plain).toFixed(2)}`,
  );
}
console.log(`median: ${ratios.sort((a, b) => a - b)[ratios.length >> 1].toFixed(2)} with ${model.backend} kernels`);
