// Tells balanced from unbalanced bracket strings: a classifier that reads a whole sequence, of any length, and answers
// once. In the unbalanced half some brackets were swapped, so the counts are even and only the order can tell.
//
//   npm run build && node examples/classifier.mjs [seed]
import { characters, createModel, evaluate, predict, train } from "lstm-wasm";

const seed = Number(process.argv[2] ?? 1);
const random = mulberry32(seed);
const vocabulary = characters("()[]");
const CLASSES = ["balanced", "unbalanced"];
const PAIRS = ["()", "[]"];

/** A balanced string of so many pairs: the first one around some of the others, the rest after it. */
function balanced(pairs) {
  if (pairs === 0) return "";
  const [open, close] = PAIRS[whole(2)];
  const inside = whole(pairs);
  return open + balanced(inside) + close + balanced(pairs - 1 - inside);
}

/** The same brackets with two different ones swapped, until that leaves them unbalanced. */
function unbalanced(pairs) {
  for (;;) {
    const brackets = [...balanced(pairs)];
    const [i, j] = [whole(2 * pairs), whole(2 * pairs)];
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

// Strings of 4 to 16 brackets, each once, so that none of the test's was trained on.
const strings = new Map();
while (strings.size < 6000) {
  const kind = strings.size % 2;
  strings.set((kind === 0 ? balanced : unbalanced)(2 + whole(7)), kind);
}
const examples = Array.from(strings, ([text, kind]) => ({ text, inputs: vocabulary.encode(text), targets: [kind] }));
const training = examples.slice(0, 5000);
const test = examples.slice(5000);

const model = await createModel({ vocabulary, classes: CLASSES, hiddenSize: 32, forgetBias: 1, seed });
for await (const { epoch, trainLoss } of train(model, training, { epochs: 15, learningRate: 0.01, clipNorm: 1 }))
  if (epoch % 5 === 0) {
    const { accuracy } = await evaluate(model, test);
    console.log(`epoch ${epoch}: loss ${trainLoss.toFixed(4)}, ${(100 * accuracy).toFixed(1)} % of the test right`);
  }

const { accuracy } = await evaluate(model, test);
console.log(`\nTest accuracy: ${accuracy.toFixed(4)} on ${test.length} strings that were not trained on\n`);
for (const text of ["([])[]", "([)][]", "(([[]]))", "(([[])])", ...test.slice(0, 4).map((example) => example.text)]) {
  const probabilities = predict(model, vocabulary.encode(text));
  const best = probabilities[0] > probabilities[1] ? 0 : 1;
  console.log(`  ${text.padEnd(18)}${CLASSES[best].padEnd(12)}${(100 * probabilities[best]).toFixed(1)} %`);
}

/** A whole number from 0 to below `limit`. */
function whole(limit) {
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
