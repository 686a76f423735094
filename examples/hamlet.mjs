// Learns Hamlet's soliloquy by heart and recites it: trains a preset and generates its passage. Takes about a second.
//
//   npm run build && node examples/hamlet.mjs [epochs]
import { characters, createModel, generate, train } from "lstm-wasm";
import { presets } from "lstm-wasm/presets";

const { text, model: modelOptions, training, passage } = presets.hamlet;
const epochs = Number(process.argv[2] ?? training.epochs);

const model = await createModel({ vocabulary: characters(text), ...modelOptions });
console.log(
  `${text.length} characters, ${model.vocabulary.size} of them distinct; ${model.parameterCount} parameters\n`,
);

for await (const { epoch, trainLoss } of train(model, text, { ...training, epochs }))
  if (epoch === 1 || epoch % 200 === 0) console.log(`epoch ${epoch}: ${trainLoss.toFixed(4)} nats per character`);

// After the first character, the model reads only what it has generated itself.
let recited = passage.prompt;
for await (const piece of generate(model, passage)) recited += piece;

const length = [...text].length;
const right = [...recited].filter((character, i) => character === text[i]).length;
console.log(`\n${recited}\n\n${right} of ${length} characters are Shakespeare's.`);
