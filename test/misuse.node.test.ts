import { inspect } from "node:util";
import { afterAll, expect, test } from "vitest";
import * as classifying from "../src/classify.js";
import { createClassifier, parseTs } from "../src/classify.js";
import * as forecasting from "../src/forecast.js";
import { createForecaster, fitForecaster, prepareSeries } from "../src/forecast.js";
import * as core from "../src/index.js";
import { CharacterVocabulary, characters, createModel, LstmError, load, save, train } from "../src/index.js";
import * as inspecting from "../src/inspect.js";
import { createCell } from "../src/inspect.js";
import * as streaming from "../src/stream.js";
import * as wording from "../src/words.js";
import { vocabularyFrom, WordVocabulary, words } from "../src/words.js";

const library = { ...core, ...inspecting, ...streaming, ...wording, ...forecasting, ...classifying };

// Every exported function, with each of its arguments in turn replaced by what no program means to pass. What is not accepted
// is refused with an error of the library's, never one from its insides.

const text = "ab ba ".repeat(20);
const vocabulary = characters(text);
const model = await createModel({ vocabulary, hiddenSize: 2, backend: "javascript" });
await train(model, text, { epochs: 1, batchSize: 1 });
const bytes = save(model);
const table = { a: Array.from({ length: 30 }, (_, t) => t) };
const how = { columns: ["a"], target: "a", window: 3 };
const series = prepareSeries(table, how);
const forecaster = await createForecaster(series, { hiddenSize: 2, backend: "javascript" });
const many = { columns: table };
const fitting = {
  target: "a",
  transform: "none",
  difference: "first",
  scaling: "window",
  model: { hiddenSize: 2, backend: "javascript" },
  training: { epochs: 1 },
} as const;
const fitted = await fitForecaster(many, fitting);
const bounded = await fitForecaster(many, { ...fitting, quantiles: [0.1, 0.9] });
const encoding = { transform: "none", difference: "first", scaling: "window", window: 3 };
const choice = { encoding, epochs: 1, isNaive: false, trials: [{ ...encoding, encoding, error: 1, naiveError: 2 }] };
const ts = "@classLabel true a b\n@data\n1,2:3,4:a\n2,2:3,3:b\n";
const sequences = parseTs(ts);
const classifier = await createClassifier(sequences, { hiddenSize: 2, backend: "javascript" });
const cell = await createCell({ inputSize: 1, hiddenSize: 2, outputSize: 1, backend: "javascript" });
afterAll(() => {
  for (const used of [model, forecaster, fitted.model, bounded.model, classifier, cell]) used.free();
});

const NONSENSE: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  -1,
  12,
  1n,
  true,
  "",
  "x",
  Symbol("x"),
  {},
  [],
  [null],
  [[]],
  new Array(2),
  new Date(0),
  new Map(),
  () => {},
  BigInt64Array.of(1n),
  new ArrayBuffer(8),
  Promise.resolve(),
  Object.create(null),
];

/** Arguments that are right. */
const CALLS: Readonly<Record<string, readonly unknown[]>> = {
  backtest: [forecaster, table, {}],
  characters: [text, {}],
  classify: [classifier, sequences, {}],
  createClassifier: [sequences, { hiddenSize: 2, backend: "javascript" }],
  evaluateClassifier: [classifier, sequences, {}],
  getClassifier: [classifier],
  parseTs: [ts, {}],
  readLabeledCsv: ["a,b\n1,2\n", {}],
  trainClassifier: [classifier, sequences, { epochs: 1 }],
  createCell: [{ inputSize: 1, hiddenSize: 2, outputSize: 1, backend: "javascript" }],
  createForecaster: [series, { hiddenSize: 2, backend: "javascript" }],
  describeChoice: [choice],
  decodeText: [new Uint8Array([97]), "utf-8"],
  describeEncoding: [choice.encoding],
  encodingOf: [new Uint8Array([97])],
  describeCsv: ["a,b\n1,2\n", {}],
  createModel: [{ vocabulary, hiddenSize: 2, backend: "javascript" }],
  createStream: [model, {}],
  evaluate: [model, text, {}],
  fitForecaster: [many, fitting],
  prepareForecaster: [many, fitting],
  forecast: [forecaster, table, 2],
  generate: [model, { prompt: "a", maxTokens: 2 }],
  generateSamples: [model, { prompt: "a", maxTokens: 2 }],
  getForecaster: [fitted.model],
  getSeriesTransform: [forecaster],
  getTrainingRun: [model],
  load: [bytes, { backend: "javascript" }],
  matchesTrainingData: [model, text, text],
  predict: [model, [0, 1]],
  predictBatch: [model, [[0], [1, 2]], {}],
  trace: [model, text],
  gradients: [model, { inputs: [0, 1], targets: [1, 0] }],
  predictNextTokens: [model, text, {}],
  prepareSeries: [table, how],
  readTsf: ["@data\n1,2\n", {}],
  readCsv: ["a,b\n1,2\n", { columns: ["a"] }],
  save: [model, {}],
  saveChunks: [model, {}],
  setWasmSources: [{ simd: "simd.wasm" }],
  train: [model, text, { epochs: 1, batchSize: 1 }],
  vocabularyFrom: [["a", "b"]],
  words: [text, {}],
};

const METHODS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  "new CharacterVocabulary": (tokens: [], options: object) => new CharacterVocabulary(tokens, options),
  "new WordVocabulary": (tokens: [], how: never) => new WordVocabulary(tokens, how),
  "forecaster.predict": (series: never, options: object) => fitted.predict(series, options),
  "forecaster.historicalForecasts": (series: never, options: object) => fitted.historicalForecasts(series, options),
  "forecaster.backtest": (series: never, options: object) => fitted.backtest(series, options),
  "forecaster.score": (series: never, forecasts: []) => fitted.score(series, forecasts),
  "forecaster.detect": (series: never, options: object) => bounded.detect(series, options),
  "forecaster.examples": (series: never) => fitted.examples(series),
  "model.tensor": (name: string) => model.tensor(name),
  "model.setTensor": (name: string, values: []) => model.setTensor(name, values),
  "cell.forward": (x: [], h: [], c: []) => cell.forward(x, h, c),
  "cell.backward": (dY: [], dH: [], dC: []) => cell.backward(dY, dH, dC),
  "cell.gradient": (name: string) => cell.gradient(name),
  "cell.updateParameters": (rate: number) => cell.updateParameters(rate),
  "stream.step": (input: number) => stream.step(input),
  "stream.restore": (state: never) => stream.restore(state),
  "streams.step": (inputs: number[], rows: number[]) => streams.step(inputs, rows),
  "characters().encode": (of: string) => vocabulary.encode(of),
  "characters().filterKnown": (of: string) => vocabulary.filterKnown(of),
  "words().encode": (of: string) => words(text).encode(of),
  "words().filterKnown": (of: string) => words(text).filterKnown(of),
};
const stream = streaming.createStream(model);
const streams = streaming.createStream(model, { batch: 2 });
const METHOD_CALLS: Readonly<Record<string, readonly unknown[]>> = {
  "new CharacterVocabulary": [["a"], {}],
  "new WordVocabulary": [["a"], vocabularyFrom(words(text).toJSON())],
  "forecaster.predict": [many, {}],
  "forecaster.historicalForecasts": [many, {}],
  "forecaster.backtest": [many, {}],
  "forecaster.score": [many, await fitted.historicalForecasts(many)],
  "forecaster.detect": [many, {}],
  "forecaster.examples": [many],
  "model.tensor": ["linear.bias"],
  "model.setTensor": ["linear.bias", [0, 0, 0]],
  "cell.forward": [[0], [0, 0], [0, 0]],
  "cell.backward": [[0], [0, 0], [0, 0]],
  "cell.gradient": ["linear.bias"],
  "cell.updateParameters": [1],
  "stream.step": [0],
  "stream.restore": [stream.snapshot()],
  "streams.step": [
    [0, 1],
    [0, 1],
  ],
  "characters().encode": [text],
  "characters().filterKnown": [text],
  "words().encode": [text],
  "words().filterKnown": [text],
};

/** Options by the table that declares them, and what they are given to. */
const TABLES: Readonly<Record<string, [table: object, call: (options: object) => unknown]>> = {
  MODEL_OPTIONS: [
    library.MODEL_OPTIONS,
    (options) => createModel({ vocabulary, hiddenSize: 2, backend: "javascript", ...options }),
  ],
  CREATE_OPTIONS: [library.CREATE_OPTIONS, (options) => createModel({ vocabulary, hiddenSize: 2, ...options })],
  TRAIN_OPTIONS: [library.TRAIN_OPTIONS, (options) => train(model, text, { epochs: 1, batchSize: 1, ...options })],
  EXECUTION_OPTIONS: [
    library.EXECUTION_OPTIONS,
    (options) => train(model, text, { epochs: 1, batchSize: 1, ...options }),
  ],
  GENERATE_OPTIONS: [
    library.GENERATE_OPTIONS,
    (options) => library.generate(model, { prompt: "a", maxTokens: 2, ...options }),
  ],
  WORD_OPTIONS: [library.WORD_OPTIONS, (options) => words(text, options)],
  CHARACTER_OPTIONS: [library.CHARACTER_OPTIONS, (options) => characters(text, options)],
  SERIES_OPTIONS: [library.SERIES_OPTIONS, (options) => prepareSeries(table, { ...how, ...options })],
  FORECASTER_OPTIONS: [library.FORECASTER_OPTIONS, (options) => fitForecaster(many, { ...fitting, ...options })],
  PREDICT_OPTIONS: [library.PREDICT_OPTIONS, (options) => fitted.predict(many, options)],
  DETECT_OPTIONS: [library.DETECT_OPTIONS, (options) => bounded.detect(many, options)],
  HISTORICAL_OPTIONS: [library.HISTORICAL_OPTIONS, (options) => fitted.backtest(many, options)],
  TABLE_OPTIONS: [library.TABLE_OPTIONS, (options) => library.readCsv("a,b\n1,2\n", { columns: ["a"], ...options })],
  TSF_OPTIONS: [library.TSF_OPTIONS, (options) => library.readTsf("@data\n1,2\n", options)],
  SEQUENCE_OPTIONS: [library.SEQUENCE_OPTIONS, (options) => parseTs(ts, options)],
  CSV_OPTIONS: [library.CSV_OPTIONS, (options) => library.describeCsv("a,b\n1,2\n", options)],
};

const functions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  ...(Object.fromEntries(Object.entries(library).filter(([name]) => name in CALLS)) as typeof METHODS),
  ...METHODS,
};

test("no function is left out", () => {
  const isFunction = (value: unknown) => typeof value === "function" && !/^class /.test(String(value));
  const exported = Object.entries(library).filter(([, value]) => isFunction(value));
  expect(exported.map(([name]) => name).sort()).toEqual([...Object.keys(CALLS), "availableBackends"].sort());
});

test.each(Object.entries({ ...CALLS, ...METHOD_CALLS }))("%s", async (name, right) => {
  const escaped: string[] = [];
  for (const [place] of right.entries())
    for (const [i, nonsense] of NONSENSE.entries()) {
      const args = right.map((arg, at) => (at === place ? nonsense : arg));
      try {
        await finish(functions[name]!(...(args as never[])));
      } catch (error) {
        if (!(error instanceof LstmError)) escaped.push(`argument ${place}, nonsense ${i}: ${error}`);
      }
    }
  expect(escaped).toEqual([]);
});

test.each(Object.entries(TABLES))("the options of %s", async (_, [options, call]) => {
  const escaped: string[] = [];
  for (const option of Object.keys(options))
    for (const [i, nonsense] of NONSENSE.entries())
      try {
        await finish(call({ [option]: nonsense }));
      } catch (error) {
        if (!(error instanceof LstmError)) escaped.push(`${option}, nonsense ${i}: ${error}`);
      }
  expect(escaped).toEqual([]);
});

test.each<[call: () => unknown, message: string | RegExp]>([
  [
    () => createModel(undefined as never),
    "options: expected an object with a vocabulary or an inputSize, got undefined",
  ],
  [() => createModel({} as never), "vocabulary: expected a vocabulary, or an inputSize above 0 instead, got undefined"],
  [
    () => train(createModel({ vocabulary }) as never, text),
    "expected a model, got a Promise: await createModel() or load() first",
  ],
  [
    () => save(createModel({ vocabulary }) as never),
    "expected a model, got a Promise: await createModel() or load() first",
  ],
  [() => library.predict(model, BigInt64Array.of(1n) as never), "inputs[0]: expected an integer from 0 to 2, got 1n"],
  [
    () => train(model, Object.assign(new Array(2), { 1: { inputs: [0], targets: [1] } })),
    "example 0: expected { inputs, targets }, each an array of numbers",
  ],
  [
    () => train(model, [{ inputs: "good", targets: [0] }] as never),
    'example 0, inputs: expected an array of numbers, got "good": model.vocabulary.encode(text) makes one of a text',
  ],
  [
    () => train(model, [{ inputs: [0], targets: 1 }] as never),
    "example 0, targets: expected an array of classes, got 1",
  ],
  [
    async () => train(await createModel({ vocabulary, classes: ["x", "y"] }), [{ inputs: [0], targets: "x" }] as never),
    'example 0, targets: expected an array of classes, got "x"',
  ],
  [
    () => library.predict(model, "good" as never),
    'inputs: expected an array of numbers, got "good": model.vocabulary.encode(text) makes one of a text',
  ],
  [
    () => load("model.safetensors" as never),
    '{ size, read }, got "model.safetensors": read the file first, as load(await readFile(path))',
  ],
  [() => save({ model } as never), "expected a model, got an object that has one: pass its `model`"],
  [() => train(model, text, [1, 2] as never), "options: expected a plain object, got an array"],
  [() => train(model, text, { signal: "x" } as never), 'signal: expected an AbortSignal, got "x"'],
  [
    () => train(model, text, { progressInterval: Number.NaN }),
    "progressInterval: expected a number of at least 0, got NaN",
  ],
  [() => train(model, text, 3 as never), "options: expected an object, got 3"],
  [() => train(model, text, new Map([["epochs", 1]]) as never), "options: expected a plain object, got an object"],
  [() => library.generate(model, { prompt: "a", greedy: "no" } as never), 'greedy: expected true or false, got "no"'],
  [
    () => library.generate(model, { prompt: "a", stop: 5 } as never),
    "stop: expected a non-empty string, or an array of them, got 5",
  ],
  [() => library.generate(model, { prompt: "a", signal: "x" } as never), 'signal: expected an AbortSignal, got "x"'],
  [() => characters(["a", "b"] as never), 'text: expected a string, such as list.join(""), got an array'],
  // As other libraries have it.
  [
    () => train(model, [{ input: "a", output: "b" }] as never),
    "example 0: expected { inputs, targets }, each an array of numbers",
  ],
  [() => train(model, text, { log: true } as never), "unknown option log: for await (const report of train(…))"],
  [() => createModel({ vocabulary, stateful: true } as never), "unknown option stateful: use createStream"],
  [
    () => library.predict(model, [[0, 1], [2]] as never),
    "inputs: expected one sequence, got an array of them: predictBatch",
  ],
  [
    async () => library.predict(await createModel({ inputSize: 2 }), [[[1, 2]], [[3, 4]]] as never),
    "inputs: expected one sequence, got an array of them: predictBatch",
  ],
  // What no checkpoint has room for is not made either.
  [
    () => createModel({ inputSize: 1, classes: Array.from({ length: 250_000 }, (_, i) => `class ${i}`) }),
    "classes: expected an array of distinct names, of at most 2 MB, got an array",
  ],
  [() => model.tensor("weight"), /^no tensor "weight"; the tensors are lstm.weight_ih_l0, /],
])("%s says what was expected", async (call, message) => {
  await expect((async () => finish(await call()))()).rejects.toThrow(message);
});

test("console.log prints a model in one line", () => {
  expect(inspect(model)).toBe("Model { tokens of 3 → 1 × 2 → 3, 57 parameters, javascript }");
  expect(inspect({ model }, { depth: 5 })).toBe(`{ model: ${inspect(model)} }`);
});

/** Waits for what a function promises, and asks for what it would give one after the other. */
async function finish(result: unknown): Promise<void> {
  const iterable = result as AsyncIterable<unknown> & Iterable<unknown> & { free?: () => void };
  if (typeof iterable?.[Symbol.asyncIterator] === "function") for await (const _ of iterable);
  else if (typeof result === "object" && typeof iterable?.[Symbol.iterator] === "function") for (const _ of iterable);
  else ((await result) as typeof iterable | undefined)?.free?.();
}
