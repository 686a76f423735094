// brain.js on the case with one long sequence: its recurrent.LSTM and its own train().
// usage: node brain.mjs [CASE_JSON MILLISECONDS]
//
// Its network is different: the forget gate multiplies the previous hidden state instead of the cell state, and a sequence
// has a start and an end token besides its characters.
import { createRequire } from "node:module";
import brain from "brain.js";
import { random } from "./random.mjs";
import { serve } from "./serve.mjs";

const { version } = createRequire(import.meta.url)("brain.js/package.json");

await serve(version, process.argv.slice(2), ({ vocabularySize, hiddenSize, layers, training: { sequenceLength } }) => {
  const alphabet = Array.from({ length: vocabularySize }, (_, i) => String.fromCharCode(0x40 + i));
  // Each character once, so that all of them are in its vocabulary, then random ones.
  const text = Array.from(
    { length: sequenceLength },
    (_, i) => alphabet[i] ?? alphabet[Math.floor(random() * vocabularySize)],
  ).join("");
  const network = new brain.recurrent.LSTM({ hiddenLayers: Array(layers).fill(hiddenSize) });
  return { tokens: sequenceLength, run: () => network.train([text], { iterations: 1 }) };
});
