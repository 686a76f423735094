// One step at a time: a stream carries a model's state from step to step, as readings or keys come in. A sensor at 100 Hz
// whose next reading is predicted, so that a jolt is noticed at once; then suggestions for the next character while
// somebody types, where every deletion goes back to a snapshot.
//
//   npm run build && node examples/stream.mjs
import { characters, createModel, train } from "lstm-wasm";
import { presets } from "lstm-wasm/presets";
import { createStream } from "lstm-wasm/stream";

// A shaft turns three times a second and hums; the sensor reads its angle's sine and cosine a hundred times a second.
const reading = (t) => {
  const angle = 2 * Math.PI * (0.03 * t + 0.02 * Math.sin(t / 40));
  return [Math.sin(angle) + 0.1 * Math.sin(1.7 * t), Math.cos(angle)];
};
const record = Array.from({ length: 2001 }, (_, t) => reading(t));
const examples = Array.from({ length: 20 }, (_, i) => ({
  inputs: record.slice(100 * i, 100 * i + 100),
  targets: record.slice(100 * i + 1, 100 * i + 101),
}));
const sensorModel = await createModel({ inputSize: 2, outputSize: 2, hiddenSize: 32, layers: 2 });
for await (const { epoch, trainLoss } of train(sensorModel, examples, {
  epochs: 100,
  batchSize: 4,
  learningRate: 0.005,
}))
  if (epoch % 50 === 0) console.log(`epoch ${epoch}: loss ${trainLoss.toFixed(4)}`);

const sensor = createStream(sensorModel);
const JOLT = 350;
const readings = Array.from({ length: 500 }, (_, t) => reading(2001 + t + (t >= JOLT ? 10 : 0)));
let predicted; // the stream's own array: the next step overwrites it
const seconds = [];
const before = performance.now();
for (const [t, [x, y]] of readings.entries()) {
  if (t > 50 && Math.hypot(x - predicted[0], y - predicted[1]) > 0.8) seconds.push(t / 100);
  predicted = sensor.step(readings[t]);
}
const microseconds = (1000 * (performance.now() - before)) / readings.length;
console.log(`The shaft jumps at ${JOLT / 100} s. Surprises at: ${seconds.join(", ")} s`);
console.log(`${microseconds.toFixed(1)} µs a step, of the 10,000 between two readings\n`);

// A text learned by heart, read by its characters.
const { text, model: options, training } = presets.hamlet;
const model = await createModel({ vocabulary: characters(text), ...options });
for await (const _ of train(model, text, training));

const { vocabulary } = model;
const stream = createStream(model);
const snapshots = [stream.snapshot()]; // the state before each character typed, and after the last
let typed = "";
let probabilities;

function type(character) {
  probabilities = stream.step(vocabulary.encode(character)[0]);
  typed += character;
  snapshots.push(stream.snapshot());
}

function erase(count) {
  snapshots.length -= count + 1;
  stream.restore(snapshots.at(-1));
  const last = typed.at(-count - 1);
  typed = typed.slice(0, -count - 1);
  type(last); // for its suggestions, and the state after it
}

/** The three likeliest next characters. */
function suggest(what) {
  const ranked = Array.from(probabilities, (probability, token) => ({ probability, token }));
  const best = ranked.sort((a, b) => b.probability - a.probability).slice(0, 3);
  const shown = best.map(
    ({ token, probability }) => `"${vocabulary.tokens[token]}" ${(100 * probability).toFixed(0)} %`,
  );
  console.log(`${what.padEnd(12)}${JSON.stringify(typed).padEnd(34)}${shown.join(", ")}`);
}

for (const character of "to be, or not to b") type(character);
suggest("typed");
for (const character of "uy") type(character);
suggest("typed");
erase(2);
suggest("2 erased");
for (const character of "e, that is th") type(character);
suggest("typed");
