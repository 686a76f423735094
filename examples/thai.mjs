// Thai is written without spaces between words. The Unicode project's bidirectional LSTM of 23 units finds them: it reads
// grapheme clusters, and tells of each whether it begins a word, is inside it, ends it, or is one by itself.
//
//   npm run build && node examples/thai.mjs weights.json "ภาษาไทยเขียนไม่เว้นวรรค"
//
// weights.json is Thai_graphclust_model4_heavy of github.com/unicode-org/lstm_word_segmentation (Unicode licence).
import { readFileSync } from "node:fs";
import { createModel, predict } from "lstm-wasm";
import { WordVocabulary } from "lstm-wasm/words";

const [file, text = "ภาษาไทยเขียนไม่เว้นวรรค"] = process.argv.slice(2);
const weights = JSON.parse(readFileSync(file, "utf8"));
const clusters = weights.dic; // grapheme cluster → token
const [tokens, embeddingSize] = weights.mat1.dim;
const UNKNOWN = tokens - 1;
const hiddenSize = weights.mat3.dim[0];

/** Keras has [inputs, outputs], and PyTorch's order of gates. */
const transposed = ({ data, dim: [rows, columns] }) =>
  Array.from({ length: rows * columns }, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]);

const vocabulary = new WordVocabulary(Array.from({ length: tokens }, (_, token) => String(token)));
const classes = ["begin", "inside", "end", "single"];
const model = await createModel({
  ...{ vocabulary, embeddingSize, hiddenSize, bidirectional: true, classes, returnSequences: true },
});
model.setTensor("embedding.weight", weights.mat1.data);
for (const [suffix, kernel, recurrent, bias] of [
  ["l0", weights.mat2, weights.mat3, weights.mat4],
  ["l0_reverse", weights.mat5, weights.mat6, weights.mat7],
]) {
  model.setTensor(`lstm.weight_ih_${suffix}`, transposed(kernel));
  model.setTensor(`lstm.weight_hh_${suffix}`, transposed(recurrent));
  model.setTensor(`lstm.bias_ih_${suffix}`, bias.data);
}
model.setTensor("linear.weight", transposed(weights.mat8));
model.setTensor("linear.bias", weights.mat9.data);

const graphemes = Array.from(new Intl.Segmenter("th").segment(text), ({ segment }) => segment);
const probabilities = predict(
  model,
  graphemes.map((grapheme) => clusters[grapheme] ?? UNKNOWN),
);
const words = [];
for (const [i, grapheme] of graphemes.entries()) {
  const [begin, inside, end, single] = probabilities.subarray(4 * i, 4 * i + 4);
  if (i === 0 || Math.max(begin, single) > Math.max(inside, end)) words.push("");
  words[words.length - 1] += grapheme;
}
console.log(words.join(" | "));
if (process.env.PROBABILITIES) console.log(JSON.stringify([...probabilities]));
