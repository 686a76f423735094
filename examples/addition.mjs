// Addition of numbers of up to three digits, as in Keras' example "Sequence to sequence learning for performing number
// addition": the model reads a sum as text, "12+345", and writes its result, "357". One network does both: it reads the
// sum, then four steps of "=", at which it has to output the digits. The targets before them are ignored (-1), so only the
// digits of the result count. As in Keras' example, the sum is read from its end.
//
//   npm run build && node examples/addition.mjs [seed=1] [digits=3] [epochs=40]
import { characters, createModel, predictBatch, train } from "lstm-wasm";

const seed = Number(process.argv[2] ?? 1);
const digits = Number(process.argv[3] ?? 3);
const epochs = Number(process.argv[4] ?? 40); // at most: seed 1 needs 15
const GOAL = 0.99;
const random = mulberry32(seed);
const vocabulary = characters("0123456789+= ");

/** Distinct pairs of numbers: a number of one, two or three digits is as likely as of any other length, as in Keras. */
const pairs = new Map();
const size = digits < 3 ? 4000 : 50_000;
for (let tries = 0; pairs.size < size && tries < 100 * size; tries++) {
  const [a, b] = [number(), number()];
  pairs.set([a, b].sort().join("+"), [a, b]);
}
const examples = Array.from(pairs.values(), ([a, b]) => {
  const read = [...`${a}+${b}`.padEnd(2 * digits + 1)].reverse().join("");
  const written = String(a + b).padEnd(digits + 1);
  return {
    written,
    inputs: vocabulary.encode(read + "=".repeat(written.length)),
    targets: [...new Array(read.length).fill(-1), ...vocabulary.encode(written)],
  };
});
// Every tenth, not the first ones: there are so few short sums that all of them come early.
const test = examples.filter((_, i) => i % 10 === 9);
const training = examples.filter((_, i) => i % 10 !== 9);
const [{ inputs }] = test;

// Backend and threads are fixed, so that the result is the same on every machine.
const model = await createModel({ vocabulary, hiddenSize: 128, forgetBias: 1, seed, backend: "simd" });
const options = { epochs, batchSize: 64, learningRate: 0.005, schedule: "cosine", clipNorm: 1, threads: 1 };
console.log(`${training.length} sums to learn, ${test.length} held out, ${inputs.length} steps each\n`);

for await (const { epoch, step, trainLoss, seconds } of train(model, training, options)) {
  const results = await answers(test);
  const right = results.filter((answer, i) => answer === test[i].written).length / test.length;
  const figures = `loss ${trainLoss.toFixed(4)}, ${(100 * right).toFixed(2)} % of the held-out sums right`;
  console.log(`epoch ${epoch}, ${step} updates, ${seconds.toFixed(0)} s: ${figures}`);
  if (right >= GOAL) {
    console.log("\nIt adds.\n");
    break;
  }
}
const some = test.slice(0, 5);
for (const [i, answer] of (await answers(some)).entries()) {
  const sum = [...vocabulary.decode(some[i].inputs)]
    .slice(0, 2 * digits + 1)
    .reverse()
    .join("")
    .trim();
  console.log(`  ${sum} = ${answer.trim()}${answer === some[i].written ? "" : `, not ${some[i].written.trim()}`}`);
}

/** What the model writes for each sum. */
async function answers(sums) {
  const outputs = await predictBatch(
    model,
    sums.map((sum) => sum.inputs),
  );
  return outputs.map((probabilities) => {
    const tokens = [];
    for (let t = 2 * digits + 1; t < inputs.length; t++) {
      const row = probabilities.subarray(t * vocabulary.size, (t + 1) * vocabulary.size);
      tokens.push(row.indexOf(Math.max(...row)));
    }
    return vocabulary.decode(tokens);
  });
}

/** A random number of 1 to `digits` digits. */
function number() {
  return Math.floor(random() * 10 ** (1 + Math.floor(random() * digits)));
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
