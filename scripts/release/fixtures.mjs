// Checkpoints as this version writes them, small, and what they are to give when a later version reads them: a language model
// with a run to resume, a forecaster, a classifier, int8 weights. usage: node scripts/release/fixtures.mjs VERSION
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { characters, createModel, load, save, train } from "lstm-wasm";
import { classify, createClassifier, parseTs, trainClassifier } from "lstm-wasm/classify";
import { toSafetensors } from "lstm-wasm/convert";
import { fitForecaster, readCsv } from "lstm-wasm/forecast";
import { createStream } from "lstm-wasm/stream";
import { isMain } from "../is-main.mjs";
import { FIXTURES } from "./refusals.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const TEXT = "to be, or not to be, that is the question. ".repeat(8);
const PROMPT = "to be, or n";
const SEQUENCES = `@classLabel true up down\n@data\n${"1,2,3,4:up\n2,3,5:up\n4,3,2,1:down\n5,3,2:down\n".repeat(5)}`;
/** The backend whose results are the same on every machine. */
const backend = "simd";

/** Writes the files of a version. */
export async function writeFixtures(version) {
  const folder = join(root, FIXTURES, version);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const write = (name, bytes) => writeFileSync(join(folder, name), bytes);

  const options = { vocabulary: characters(TEXT), embeddingSize: 6, hiddenSize: 10, layers: 2, seed: 1, backend };
  const model = await createModel(options);
  for await (const _ of train(model, TEXT, {
    epochs: 3,
    batchSize: 4,
    sequenceLength: 20,
    dropout: 0.1,
    optimizer: "adamw",
  }));
  const text = save(model);
  write("text.safetensors", text);
  const probabilities = nextProbabilities(model);
  let resumedLoss = Number.NaN;
  const resumed = await load(text, { backend });
  for await (const { trainLoss } of train(resumed, TEXT, { resume: true, epochs: 5 })) resumedLoss = trainLoss;
  const int8 = toSafetensors(model, { dtype: "int8" });
  write("int8.safetensors", int8);
  const int8Probabilities = nextProbabilities(await load(int8, { backend }));

  const {
    series: [table],
  } = readCsv(readFileSync(join(root, "examples", "airline-passengers.csv"), "utf8"), { columns: ["passengers"] });
  const forecaster = await fitForecaster(table, {
    target: "passengers",
    horizon: 3,
    window: 12,
    transform: "none",
    difference: "none",
    quantiles: [0.1, 0.5, 0.9],
    model: { hiddenSize: 6, seed: 1, backend },
    training: { epochs: 3 },
  });
  write("forecast.safetensors", save(forecaster.model));

  const labeled = parseTs(SEQUENCES);
  const classifier = await createClassifier(labeled, { hiddenSize: 4, seed: 1, backend });
  for await (const _ of trainClassifier(classifier, labeled, { epochs: 3 }));
  write("classes.safetensors", save(classifier));

  const expected = {
    text: { text: TEXT, prompt: PROMPT, probabilities, resumedLoss },
    int8: { probabilities: int8Probabilities },
    forecast: { mean: [...(await forecaster.predict(table)).mean] },
    classes: {
      sequences: SEQUENCES,
      probabilities: (await classify(classifier, labeled)).map((p) => [...p.probabilities]),
    },
  };
  write("expected.json", `${JSON.stringify(expected, null, 1)}\n`);
  return folder;
}

/** The probabilities of what follows the prompt. */
function nextProbabilities(model) {
  const stream = createStream(model);
  let probabilities = [];
  for (const token of model.vocabulary.encode(PROMPT)) probabilities = [...stream.step(token)];
  return probabilities;
}

if (isMain(import.meta.url)) {
  const [, , version] = process.argv;
  if (!version) throw new Error("usage: node scripts/release/fixtures.mjs VERSION");
  console.log(await writeFixtures(version));
}
