// The cases in TensorFlow.js, with its own LSTM layers, and its own cell for generation.
// usage: node tensorflow.mjs wasm|cpu [CASE_JSON MILLISECONDS]
//
// Its wasm backend picks the SIMD build by itself; the threaded build is for browsers and does not start in Node. Production mode
// leaves its checks out. Its layers have no other options for speed: `implementation` changes nothing, `unroll` is ignored.
// No clipping: its optimizers have none.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { draw, random } from "./random.mjs";
import { serve } from "./serve.mjs";

const wasm = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
setWasmPaths(`${join(dirname(wasm), "dist")}/`);

tf.enableProdMode();
const [backend, ...args] = process.argv.slice(2);
if (!(await tf.setBackend(backend))) throw new Error(`there is no backend ${backend}`);
await tf.ready();
await serve(tf.version.tfjs, args, (spec) =>
  spec.training ? training(spec) : spec.prediction ? prediction(spec) : generation(spec),
);

function training(spec) {
  const { batchSize, vocabularySize } = spec;
  const { sequenceLength, optimizer, returnSequences } = spec.training;
  const model = network(spec, sequenceLength, returnSequences);
  const update = optimizer === "adam" ? tf.train.adam(2e-3) : tf.train.sgd(2e-3);
  model.compile({ optimizer: update, loss: "categoricalCrossentropy" });
  const x = oneHot([batchSize, sequenceLength], vocabularySize);
  const y = oneHot(returnSequences ? [batchSize, sequenceLength] : [batchSize], vocabularySize);
  return { tokens: batchSize * sequenceLength, run: () => model.trainOnBatch(x, y) };
}

function prediction(spec) {
  const { batchSize, vocabularySize } = spec;
  const { sequenceLength } = spec.prediction;
  const model = network(spec, sequenceLength, true);
  const x = oneHot([batchSize, sequenceLength], vocabularySize);
  function run() {
    const y = model.predictOnBatch(x);
    y.dataSync();
    y.dispose();
  }
  return { tokens: batchSize * sequenceLength, run };
}

function network({ vocabularySize, hiddenSize, layers }, sequenceLength, returnSequences) {
  const model = tf.sequential();
  for (let layer = 0; layer < layers; layer++)
    model.add(
      tf.layers.lstm({
        units: hiddenSize,
        // The default, a piecewise linear function, makes a different network, and a slower one.
        recurrentActivation: "sigmoid",
        // The default's decomposition takes minutes.
        recurrentInitializer: "glorotUniform",
        returnSequences: layer < layers - 1 || returnSequences,
        ...(layer === 0 && { inputShape: [sequenceLength, vocabularySize] }),
      }),
    );
  model.add(tf.layers.dense({ units: vocabularySize, activation: "softmax" }));
  return model;
}

function generation({ vocabularySize, hiddenSize, layers }) {
  const scale = hiddenSize ** -0.5;
  const uniform = (shape) => tf.randomUniform(shape, -scale, scale, "float32", 1);
  const cells = Array.from({ length: layers }, (_, layer) => {
    const kernel = uniform([(layer === 0 ? vocabularySize : hiddenSize) + hiddenSize, 4 * hiddenSize]);
    const bias = uniform([4 * hiddenSize]);
    return (data, c, h) => tf.basicLSTMCell(0, kernel, bias, data, c, h);
  });
  const weight = uniform([hiddenSize, vocabularySize]);
  const bias = uniform([vocabularySize]);
  const zeros = () => cells.map(() => tf.zeros([1, hiddenSize]));
  let [c, h, token] = [zeros(), zeros(), 0];

  function run() {
    const [probabilities, cells1, hidden1] = tf.tidy(() => {
      const [c1, h1] = tf.multiRNNCell(cells, tf.oneHot([token], vocabularySize, 1, 0, "float32"), c, h);
      return [tf.softmax(tf.add(tf.matMul(h1.at(-1), weight), bias)), c1, h1];
    });
    token = draw(probabilities.dataSync());
    tf.dispose([probabilities, c, h]);
    [c, h] = [cells1, hidden1];
  }
  return { tokens: 1, run };
}

/** Random one-hot vectors: [...shape, depth]. */
function oneHot(shape, depth) {
  const tokens = Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.floor(random() * depth));
  return tf.tidy(() =>
    tf
      .oneHot(tf.tensor1d(tokens, "int32"), depth)
      .toFloat()
      .reshape([...shape, depth]),
  );
}
