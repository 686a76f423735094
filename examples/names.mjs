// Names to nations, after PyTorch's tutorial "Classifying names with a character-level RNN": a bidirectional network reads
// a surname by character and tells which of 18 nations it comes from. The data are a folder with a text file per nation,
// a name per line, such as data/names of that tutorial (https://download.pytorch.org/tutorial/data.zip).
//
// Half of the names are Russian, and a few nations have less than a hundred. Unweighted, the network is right more often;
// with class weights, it recognizes the small classes more often.
//
//   npm run build && node examples/names.mjs FOLDER [seed=1] [epochs=12]
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { characters, createModel, evaluate, train } from "lstm-wasm";

const [folder, seed, epochs] = [process.argv[2], Number(process.argv[3] ?? 1), Number(process.argv[4] ?? 12)];
if (folder === undefined) {
  console.error("usage: node examples/names.mjs FOLDER [seed] [epochs]");
  process.exit(2);
}
const files = readdirSync(folder).filter((file) => file.endsWith(".txt"));
const classes = files.map((file) => basename(file, ".txt")).sort();

// Every fifth name of a nation, in alphabetical order, is held out. A name that several nations share stays with each.
const [training, test] = [[], []];
for (const nation of classes) {
  const names = new Set(
    readFileSync(join(folder, `${nation}.txt`), "utf8")
      .normalize("NFC")
      .split(/\r?\n/),
  );
  const sorted = [...names]
    .map((name) => name.trim())
    .filter(Boolean)
    .sort();
  for (const [i, name] of sorted.entries()) (i % 5 === 2 ? test : training).push({ name, nation });
}
const vocabulary = characters(training.map(({ name }) => name).join(""));
const examples = (list) =>
  list
    .map(({ name, nation }) => ({ inputs: vocabulary.encode(vocabulary.filterKnown(name)), targets: [nation] }))
    .filter(({ inputs }) => inputs.length > 0);

// The square root of the inverse frequency: half-way to classes that count alike, however many names they have.
const counts = classes.map((nation) => training.filter((example) => example.nation === nation).length);
const roots = counts.map((count) => Math.sqrt(training.length / classes.length / count));

console.log(`${training.length} names to learn, ${test.length} held out, ${classes.length} nations\n`);
const plain = await result([]);
const weighted = await result(roots);
console.log(`${"".padEnd(14)}   held out    recall  with class weights`);
for (const [i, { name, support, recall }] of plain.classes.entries())
  console.log(
    `${name.padEnd(14)} ${String(support).padStart(10)} ${percent(recall)}  ${percent(weighted.classes[i].recall)}`,
  );
for (const [title, figure] of [
  ["accuracy", ({ accuracy }) => accuracy],
  ["mean recall", ({ classes }) => classes.reduce((sum, { recall }) => sum + recall, 0) / classes.length],
])
  console.log(`${title.padEnd(14)} ${"".padStart(10)} ${percent(figure(plain))}  ${percent(figure(weighted))}`);

/** How well a network does on the held-out names that was trained with these class weights. */
async function result(classWeights) {
  const shape = { vocabulary, classes, bidirectional: true, hiddenSize: 128, embeddingSize: 32, forgetBias: 1 };
  // Backend and threads are fixed, so that the result is the same on every machine.
  const model = await createModel({ ...shape, seed, backend: "simd" });
  const rates = { batchSize: 64, learningRate: 0.003, schedule: "cosine", dropout: 0.3, clipNorm: 1, threads: 1 };
  await train(model, examples(training), { ...rates, epochs, classWeights });
  const evaluation = await evaluate(model, examples(test));
  model.free();
  return evaluation;
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`.padStart(9);
}
