// Learns Hamlet's soliloquy by heart and recites it: a preset, trained and asked to write. About a second.
//
//   npm run build && node examples/hamlet.mjs [epochs]
import { characters, createModel, generate, presets, train } from "lstm-wasm";

const { text, model: modelOptions, training, passage } = presets.hamlet;
const epochs = Number(process.argv[2] ?? training.epochs);

const model = await createModel({ vocabulary: characters(text), ...modelOptions });
console.log(
  `${text.length} characters, ${model.vocabulary.size} of them distinct; ${model.parameterCount} parameters\n`,
);

for await (const { epoch, trainLoss } of train(model, text, { ...training, epochs }))
  if (epoch === 1 || epoch % 200 === 0) console.log(`epoch ${epoch}: ${trainLoss.toFixed(4)} nats per character`);

// From its first character on, the model reads only what it has written itself.
let recited = passage.prompt;
for await (const piece of generate(model, passage)) recited += piece;

const length = [...text].length;
const right = [...recited].filter((character, i) => character === text[i]).length;
console.log(`\n${recited}\n\n${right} of ${length} characters are Shakespeare's.`);
