// The embedded Reber grammar (Hochreiter and Schmidhuber 1997, experiment 1): a string begins with B and T or P, then comes
// a string of Reber's grammar, then the same T or P once more, and E. After each symbol, the model predicts the next. It
// succeeds if, at every step of every unseen string, it holds all symbols that may follow more likely than any other: the
// last but one depends on the second, from 7 to some 30 symbols earlier.
//
//   npm run build && node examples/reber.mjs [seed=1]
import { characters, createModel, predict, train } from "lstm-wasm";

const seed = Number(process.argv[2] ?? 1);
const random = mulberry32(seed);
const vocabulary = characters("BTPSXVE");
const STRINGS = 256; // to learn, and as many others to test, as in the paper
const EPOCHS = 200; // at most

/** Reber's grammar: from each state, the symbols that may come, and the states that they lead to. */
const GRAMMAR = [{ B: 1 }, { T: 2, P: 3 }, { S: 2, X: 4 }, { T: 3, V: 5 }, { X: 3, S: 6 }, { P: 4, V: 6 }, { E: 7 }];

/** A string, and the symbols that may come at each of its places. */
function embedded() {
  const outer = pick(["T", "P"]);
  let [text, state] = [`B${outer}`, 0];
  const allowed = ["B", "TP"];
  while (state < 7) {
    const symbols = Object.keys(GRAMMAR[state]);
    const symbol = pick(symbols);
    text += symbol;
    allowed.push(symbols.join(""));
    state = GRAMMAR[state][symbol];
  }
  return { text: `${text}${outer}E`, allowed: [...allowed, outer, "E"] };
}

const strings = new Map();
while (strings.size < 2 * STRINGS) {
  const { text, allowed } = embedded();
  strings.set(text, allowed);
}
const all = [...strings];
const examples = all.slice(0, STRINGS).map(([text]) => ({
  inputs: vocabulary.encode(text.slice(0, -1)),
  targets: vocabulary.encode(text.slice(1)),
}));
const test = all.slice(STRINGS);

const model = await createModel({ vocabulary, hiddenSize: 16, forgetBias: 1, seed, backend: "simd" });
const options = { threads: 1, epochs: EPOCHS, batchSize: 1, learningRate: 0.01, clipNorm: 1, schedule: "cosine" };
let learned = false;
for await (const { epoch, step, trainLoss } of train(model, examples, options)) {
  const right = test.filter(isPredicted).length;
  learned = right === test.length;
  if (learned || epoch % 10 === 0)
    console.log(
      `${step.toLocaleString("en-US")} strings: loss ${trainLoss.toFixed(4)}, ${right} of ${test.length} right`,
    );
  if (learned) break;
}
console.log(learned ? "\nIt knows the grammar." : `\nNot all strings within ${EPOCHS} epochs.`);

/** Whether, at each place of a string, every symbol that may come is likelier than every other. */
function isPredicted([text, allowed]) {
  const probabilities = predict(model, vocabulary.encode(text.slice(0, -1)));
  return allowed.slice(1).every((symbols, t) => {
    const row = vocabulary.tokens.map((symbol, i) => [symbol, probabilities[t * vocabulary.size + i]]);
    const least = Math.min(...row.filter(([symbol]) => symbols.includes(symbol)).map(([, p]) => p));
    return row.every(([symbol, p]) => symbols.includes(symbol) || p < least);
  });
}

function pick(list) {
  return list[Math.floor(random() * list.length)];
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
