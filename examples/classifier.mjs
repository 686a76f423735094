// Sequence classification: balanced or unbalanced bracket strings. The model reads a whole sequence, of any length, and
// predicts its class. Unbalanced strings have brackets swapped, so that only the order differs, not the counts.
//
//   npm run build && node examples/classifier.mjs [seed]
import { characters, createModel, evaluate, predict, train } from "lstm-wasm";

const seed = Number(process.argv[2] ?? 1);
const random = mulberry32(seed);
const vocabulary = characters("()[]");
const CLASSES = ["balanced", "unbalanced"];
const PAIRS = ["()", "[]"];

/** A balanced string of bracket pairs: the first pair around some of the others, the rest after it. */
function balanced(pairs) {
  if (pairs === 0) return "";
  const [open, close] = PAIRS[integer(2)];
  const inside = integer(pairs);
  return open + balanced(inside) + close + balanced(pairs - 1 - inside);
}

/** The same brackets with two different ones swapped, until that leaves them unbalanced. */
function unbalanced(pairs) {
  for (;;) {
    const brackets = [...balanced(pairs)];
    const [i, j] = [integer(2 * pairs), integer(2 * pairs)];
    [brackets[i], brackets[j]] = [brackets[j], brackets[i]];
    if (!isBalanced(brackets)) return brackets.join("");
  }
}

function isBalanced(brackets) {
  const open = [];
  for (const bracket of brackets) {
    const pair = PAIRS.find((candidate) => candidate.includes(bracket));
    if (bracket === pair[0]) open.push(pair);
    else if (open.pop() !== pair) return false;
  }
  return open.length === 0;
}

// Distinct strings of 4 to 16 brackets, so that no test string is in the training data.
const strings = new Map();
while (strings.size < 6000) {
  const kind = strings.size % 2;
  strings.set((kind === 0 ? balanced : unbalanced)(2 + integer(7)), kind);
}
const examples = Array.from(strings, ([text, kind]) => ({ text, inputs: vocabulary.encode(text), targets: [kind] }));
const training = examples.slice(0, 5000);
const test = examples.slice(5000);

const model = await createModel({ vocabulary, classes: CLASSES, hiddenSize: 32, forgetBias: 1, seed });
for await (const { epoch, trainLoss } of train(model, training, { epochs: 15, learningRate: 0.01, clipNorm: 1 }))
  if (epoch % 5 === 0) {
    const { accuracy } = await evaluate(model, test);
    console.log(`epoch ${epoch}: loss ${trainLoss.toFixed(4)}, ${(100 * accuracy).toFixed(1)} % test accuracy`);
  }

const { accuracy } = await evaluate(model, test);
console.log(`\nTest accuracy: ${accuracy.toFixed(4)} on ${test.length} unseen strings\n`);
for (const text of ["([])[]", "([)][]", "(([[]]))", "(([[])])", ...test.slice(0, 4).map((example) => example.text)]) {
  const probabilities = predict(model, vocabulary.encode(text));
  const best = probabilities[0] > probabilities[1] ? 0 : 1;
  console.log(`  ${text.padEnd(18)}${CLASSES[best].padEnd(12)}${(100 * probabilities[best]).toFixed(1)} %`);
}

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
