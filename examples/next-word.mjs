// Predicts the next word from the three before it: words as tokens, a window, and plain stochastic gradient descent,
// one update per window. It learns its ten sentences by heart. Takes a second or two.
//
//   npm run build && node examples/next-word.mjs ["a prompt of its words"]
import { createModel, generate, train } from "lstm-wasm";
import { presets } from "lstm-wasm/presets";
import { words } from "lstm-wasm/words";

const WINDOW = 3;
const EPOCHS = 300;
const { text } = presets["next-word"]; // ten sentences about learning machines

const vocabulary = words(text, { lowercase: true, punctuation: "strip" });
const count = vocabulary.encode(text).length;
console.log(`${count} words, ${vocabulary.size} of them distinct: ${count - WINDOW} windows\n`);

const model = await createModel({ vocabulary, window: WINDOW, hiddenSize: 32, initialization: "glorot-normal" });
const training = {
  epochs: EPOCHS,
  batchSize: 1,
  optimizer: "sgd",
  learningRate: 0.05,
  lossReduction: "sum",
  clipValue: 1,
};
for await (const { epoch, trainLoss } of train(model, text, training))
  if ((epoch - 1) % 50 === 0 || epoch === EPOCHS) console.log(`Epoch ${epoch - 1}, Avg Loss: ${trainLoss.toFixed(4)}`);

async function continued(prompt, length) {
  const pieces = [];
  for await (const piece of generate(model, { prompt, maxTokens: length, greedy: true })) pieces.push(piece);
  return pieces.join("");
}

console.log();
for (const prompt of process.argv[2]
  ? [process.argv[2]]
  : ["Machine learning", "The forget gate", "Neural networks are"])
  console.log(`${prompt} …${await continued(prompt, 5)}`);
