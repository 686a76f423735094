// Thirty runs whose results are the same bits on every host: `golden(library)` makes a hash of each. Plain JavaScript, for
// hosts that read nothing else. `library` is all that lstm-wasm and its entries for forecasts, presets, streams and words export.

const TEXT =
  "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a " +
  "wife. However little known the feelings or views of such a man may be on his first entering a neighbourhood, this " +
  "truth is so well fixed in the minds of the surrounding families, that he is considered as the rightful property of " +
  "some one or other of their daughters.";

/** Numbers from −1 to 1 that any host computes alike. */
function numbers(length, seed) {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

const below = (limit, length, seed) => Array.from(numbers(length, seed), (x) => Math.floor(((x + 1) / 2) * limit));

/** Examples of three lengths. */
const examples = (count, make) => Array.from({ length: count }, (_, i) => make([3, 5, 8][i % 3], i + 1));

const vectors = (outputs) =>
  examples(12, (T, i) => ({ inputs: numbers(2 * T, i), targets: numbers(outputs(T), 100 + i) }));
const labeled = examples(12, (T, i) => ({ inputs: numbers(2 * T, i), targets: [i % 3] }));
const CLASSES = { inputSize: 2, classes: ["a", "b", "c"] };

/** What is common to all: everything is small, and takes a few milliseconds. */
const MODEL = { backend: "simd", hiddenSize: 7, seed: 3 };
const TRAINING = { epochs: 2, batchSize: 4, threads: 1 };
const BY_STEPS = { ...TRAINING, sequenceLength: 12 };

/** Trains a model and returns its checkpoint. */
async function trained(library, options, data, training) {
  const model = await library.createModel({ ...MODEL, ...options });
  for await (const _ of library.train(model, data, { ...TRAINING, ...training }));
  return model;
}

async function bytesOf(library, model) {
  const bytes = library.save(model);
  model.free();
  return bytes;
}

const text =
  (training, options = {}) =>
  async (library) => {
    const steps = options.window ? TRAINING : BY_STEPS;
    const model = { vocabulary: library.characters(TEXT), ...options };
    return bytesOf(library, await trained(library, model, TEXT, { ...steps, ...training }));
  };

const sequences = (options, data, training) => async (library) =>
  bytesOf(library, await trained(library, options, data, training));

const flat = (rows) => Float32Array.from(rows.flatMap((row) => Array.from(row)));

export const RUNS = {
  "a text, sgd": text({ optimizer: "sgd", learningRate: 0.1 }),
  "a text, sgd with momentum": text({ optimizer: "sgd", momentum: 0.9, weightDecay: 0.01 }),
  "a text, adam": text({ optimizer: "adam" }),
  "a text, adamw": text({ optimizer: "adamw", beta1: 0.8 }),
  "a text, rmsprop": text({ optimizer: "rmsprop", alpha: 0.9 }),
  "two layers, dropout": text({ dropout: 0.3 }, { layers: 2 }),
  "an embedding": text({}, { embeddingSize: 5 }),
  windows: text({ batchSize: 30 }, { window: 6 }),
  words: async (library) =>
    bytesOf(
      library,
      await trained(library, { vocabulary: library.words(TEXT) }, TEXT, {
        ...BY_STEPS,
        batchSize: 2,
      }),
    ),
  "held-out data": text({ validationFraction: 0.3, patience: 1, epochs: 3 }),
  "the step schedule": text({ schedule: "step", decayRate: 0.7, warmupSteps: 3 }),
  "the cosine schedule": text({ schedule: "cosine", minLearningRate: 1e-4, epochs: 3 }),
  clipping: text({ clipValue: 0.01, clipNorm: 0.05 }),
  "sums and accumulated batches": text({ lossReduction: "sum", accumulate: 2, learningRate: 1e-3 }),
  "frozen weights": text({ frozen: ["lstm.weight_hh"] }),
  "shards on one thread": text({ batchSize: 8, gradientShards: 4 }),
  "shards on two threads": text({ batchSize: 8, gradientShards: 4, threads: 2 }),
  "the normal initialization": text({}, { initialization: "normal", initStd: 0.1, forgetBias: 1 }),
  "a run that is saved and resumed": async (library) => {
    const options = { ...BY_STEPS, dropout: 0.2 };
    const model = await trained(library, { vocabulary: library.characters(TEXT), layers: 2 }, TEXT, {
      ...options,
      epochs: 1,
    });
    const resumed = await library.load(await bytesOf(library, model), { backend: "simd" });
    for await (const _ of library.train(resumed, TEXT, { ...options, epochs: 2, resume: true }));
    return bytesOf(library, resumed);
  },
  "generated texts": async (library) => {
    const model = await trained(library, { vocabulary: library.characters(TEXT) }, TEXT, { ...BY_STEPS, epochs: 5 });
    const samples = await library.generateSamples(model, { prompt: "It", maxTokens: 40, samples: 3, temperature: 0.8 });
    model.free();
    return samples;
  },
  "an evaluation": async (library) => {
    const model = await trained(library, { vocabulary: library.characters(TEXT) }, TEXT, BY_STEPS);
    const { loss, accuracy } = await library.evaluate(model, TEXT);
    model.free();
    return [loss, accuracy];
  },
  "vectors, squared error": sequences(
    { inputSize: 2, outputSize: 3 },
    vectors((T) => 3 * T),
  ),
  "vectors, Huber's loss, the last step": sequences(
    { inputSize: 2, outputSize: 1, loss: "huber", huberDelta: 0.5, returnSequences: false },
    vectors(() => 1),
  ),
  "two directions": sequences({ ...CLASSES, bidirectional: true, layers: 2 }, labeled, { dropout: 0.2 }),
  "classes with weights": sequences(CLASSES, labeled, { classWeights: [1, 2, 0.5], validationFraction: 0.25 }),
  "tokens of tokens": async (library) => {
    const data = examples(10, (T, i) => ({ inputs: below(7, T, i), targets: below(7, T, 50 + i) }));
    return bytesOf(library, await trained(library, { vocabulary: library.characters("abcdefg") }, data));
  },
  "a stream": async (library) => {
    const model = await trained(
      library,
      { inputSize: 2, outputSize: 2 },
      vectors((T) => 2 * T),
    );
    const stream = library.createStream(model);
    const inputs = numbers(40, 9);
    const outputs = Array.from({ length: 20 }, (_, t) => stream.step(inputs.subarray(2 * t, 2 * t + 2)).slice());
    model.free();
    return flat(outputs);
  },
  predictions: async (library) => {
    const model = await trained(library, CLASSES, labeled);
    const outputs = labeled.map(({ inputs }) => library.predict(model, inputs));
    model.free();
    return flat(outputs);
  },
  "a series in windows": async (library) => {
    const x = Array.from(numbers(60, 4), (noise, t) => (t % 6) + 0.1 * noise);
    const series = library.prepareSeries({ x }, { columns: ["x"], target: "x", window: 6, difference: true });
    const model = await library.createForecaster(series, MODEL);
    for await (const _ of library.train(model, series.examples, TRAINING));
    const { x: ahead } = library.forecast(model, { x }, 5);
    return [...(await bytesOf(library, model)), ...ahead];
  },
  "the Hamlet preset": async (library) => {
    const { text, model: options, training } = library.presets.hamlet;
    const vocabulary = library.characters(text);
    const model = await library.createModel({ ...options, vocabulary, backend: "simd" });
    for await (const _ of library.train(model, text, { ...training, epochs: 10 }));
    return bytesOf(library, model);
  },
};

/** The SHA-256 of bytes, or of what JSON says of a value, in hexadecimal digits. */
async function digest(value) {
  const isBytes = value instanceof Uint8Array;
  const bytes = isBytes ? new Uint8Array(value) : new TextEncoder().encode(JSON.stringify(Array.from(value)));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Makes the runs.
 *
 * @param library what `lstm-wasm` exports, and its entries for forecasts, presets, streams and words
 * @returns the hash of all, and of each by its name
 */
export async function golden(library, names = Object.keys(RUNS)) {
  const hashes = {};
  for (const name of names) hashes[name] = (await digest(await RUNS[name](library))).slice(0, 16);
  return { hash: (await digest(Object.entries(hashes).flat())).slice(0, 16), hashes };
}
