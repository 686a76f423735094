// The copy task (Hochreiter and Schmidhuber 1997, as in Arjovsky, Shah and Bengio 2016): the model reads random
// letters, then dots, an exclamation mark, and more dots, during which it has to output the letters again, in order.
// What it outputs until then is ignored. Without memory, the best it can do is to guess each letter among 8: ln 8 nats.
//
// Two things decide how soon it learns. Forget gates have to start open: with a bias of 4 a cell keeps 0.982 of its
// contents from step to step, 0.58 over the 30 steps of the task, with a bias of 1 only 0.0001, and nothing that could
// be learned comes back that far. And the targets before the letters are ignored: as dots to be output, three steps in
// four would be learned at once, and their share of the mean loss would leave the letters a quarter of the gradient.
//
//   npm run build && node examples/copy.mjs [letters=10] [delay=20] [seed=1]
import { characters, createModel, evaluate, predict, train } from "lstm-wasm";

const [letters, delay, seed] = [10, 20, 1].map((byDefault, i) => Number(process.argv[2 + i] ?? byDefault));
const ALPHABET = "abcdefgh";
const BATCH = 20;
const UPDATES = 4000; // at most: seeds 1 to 5 need 1250 to 1750
const random = mulberry32(seed);
const vocabulary = characters(`${ALPHABET}.!`);

/** An input sequence and its target, both of letters + delay + letters tokens. */
function example() {
  const text = Array.from({ length: letters }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join("");
  const inputs = `${text}${".".repeat(delay - 1)}!${".".repeat(letters)}`;
  const ignored = new Array(letters + delay).fill(-1);
  return { inputs: vocabulary.encode(inputs), targets: [...ignored, ...vocabulary.encode(text)] };
}

const memoryless = Math.log(ALPHABET.length);
const training = Array.from({ length: 250 * BATCH }, example);
const test = Array.from({ length: 500 }, example);

// Backend and threads are fixed, so that the result is the same on every machine. By default, every step has an output:
// a logit for each token of the vocabulary.
const model = await createModel({ vocabulary, hiddenSize: 128, forgetBias: 4, seed, backend: "simd" });
const epochs = Math.ceil((UPDATES * BATCH) / training.length);
const options = { threads: 1, epochs, batchSize: BATCH, learningRate: 0.005, clipNorm: 1 };

console.log(`Without memory: ${memoryless.toFixed(4)} nats per letter\n`);
let reached = false;
for await (const { step } of train(model, training, options)) {
  const { loss, accuracy } = await evaluate(model, test);
  reached = loss < memoryless / 10;
  const percentage = `${(100 * accuracy).toFixed(1)} % accuracy`;
  if (reached || step % 500 === 0) console.log(`${step} updates: ${loss.toFixed(4)} nats per letter, ${percentage}`);
  if (reached) break;
}
console.log(reached ? "\nA tenth of that: it remembers.\n" : `\nNot a tenth of that within ${UPDATES} updates.\n`);

const [{ inputs }] = test;
const probabilities = predict(model, inputs);
const written = Array.from(inputs, (_, t) => {
  if (t < letters + delay) return vocabulary.encode(".")[0];
  const row = probabilities.subarray(t * vocabulary.size, (t + 1) * vocabulary.size);
  return row.indexOf(Math.max(...row));
});
console.log(`reads  ${vocabulary.decode(inputs)}\nwrites ${vocabulary.decode(written)}`);

/** A small seeded generator: uniform in [0, 1). */
function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
