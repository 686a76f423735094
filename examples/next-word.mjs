// Predicts the next word from the three before it: words as tokens, a window, and plain stochastic gradient descent,
// one update for each window. Ten sentences, so it learns them by heart. A second or two.
//
//   npm run build && node examples/next-word.mjs ["a prompt of its words"]
import { createModel, generate, train, words } from "lstm-wasm";

const WINDOW = 3;
const EPOCHS = 300;
const text = `
Deep learning is a subset of machine learning based on artificial neural networks.
We implemented an LSTM from scratch to understand how recurrent neural networks work.
The vanishing gradient problem was solved by the LSTM architecture using gates.
We are now building a next word predictor to test our understanding.
Machine learning requires data and algorithms to make predictions.
Neural networks are inspired by the human brain and its neurons.
Gradients flow backward to update the weights of the model.
The forget gate decides what information to throw away from the cell state.
The input gate decides what new information to store in the cell state.
The output gate decides what the next hidden state should be.
`;

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
  for await (const piece of generate(model, { prompt, length, greedy: true })) pieces.push(piece);
  return pieces.join("");
}

console.log();
for (const prompt of process.argv[2]
  ? [process.argv[2]]
  : ["Machine learning", "The forget gate", "Neural networks are"])
  console.log(`${prompt} …${await continued(prompt, 5)}`);
