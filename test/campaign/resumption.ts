import { createForecaster, prepareSeries } from "#lstm/forecast.js";
import {
  availableBackends,
  characters,
  createModel,
  type Example,
  load,
  type Model,
  save,
  saveChunks,
  type TrainOptions,
  train,
} from "#lstm/index.js";
import { getTrainingRun } from "#lstm/inspect.js";
import { presets } from "#lstm/presets.js";
import { words } from "#lstm/words.js";
import { Draw, describeError, type Outcome, type Scope } from "./part.js";

// Runs that are stopped, saved, loaded and resumed at random moments end with the bytes of a run that was not.

interface Configuration {
  readonly name: string;
  readonly make: () => Promise<Model>;
  readonly data: string | readonly Example[];
  readonly options: TrainOptions;
}

export async function resumption({ seed, count, isOver }: Scope, stops: number): Promise<Outcome> {
  const failures: string[] = [];
  let tried = 0;
  let stopped = 0;
  for (let i = 0; i < count && !isOver(); i++) {
    const draw = new Draw(seed, i);
    const configuration = configure(draw);
    try {
      const result = await compare(configuration, draw, stops);
      stopped += result.stops;
      if (result.difference) failures.push(`configuration ${i}, ${configuration.name}: ${result.difference}`);
    } catch (error) {
      failures.push(`configuration ${i}, ${configuration.name}: ${describeError(error)}`);
    }
    tried++;
  }
  return { tried: `${tried} configurations, ${stopped} stops`, failures };
}

async function compare({ make, data, options }: Configuration, draw: Draw, stops: number) {
  const whole = await make();
  const { backend } = whole;
  for await (const _ of train(whole, data, options));
  const expected = save(whole);
  const updates = getTrainingRun(whole)!.step;
  whole.free();
  const places = Array.from({ length: stops }, () => draw.integer(1, updates)).sort((a, b) => a - b);
  let model = await make();
  let made = 0;
  for (const place of places) {
    const resume = made > 0;
    // In between, a run that is under way is saved too, which must not change it.
    for await (const { step } of train(model, data, { ...options, resume, progressInterval: 0 })) {
      made = step;
      if (draw.chance(0.05)) for (const _ of saveChunks(model));
      if (step >= place) break;
    }
    const bytes = save(model);
    const pieces = [...saveChunks(model)];
    model.free();
    if (!Buffer.concat(pieces).equals(bytes)) return { stops, difference: "the pieces are not the whole" };
    model = await load(draw.chance(0.5) ? bytes : new Blob(pieces), { backend });
    if (!Buffer.from(save(model)).equals(bytes)) return { stops, difference: "a loaded model is saved as another" };
  }
  for await (const _ of train(model, data, { ...options, resume: made > 0 }));
  const bytes = save(model);
  model.free();
  const isSame = Buffer.from(bytes).equals(expected);
  return { stops, difference: isSame ? undefined : `other bytes after stops at ${places} of ${updates} updates` };
}

function configure(draw: Draw): Configuration {
  const kind = draw.pick(["characters", "words", "windows", "tokens", "vectors", "classes", "series"] as const);
  const backend = draw.pick(availableBackends());
  const layers = draw.integer(1, 3);
  const hiddenSize = draw.integer(1, 12);
  const shared = {
    layers,
    hiddenSize,
    backend,
    seed: draw.integer(0, 1000),
    initialization: draw.pick(["pytorch-uniform", "normal"] as const),
    ...(draw.chance(0.3) ? { forgetBias: draw.pick([1, 0, -0]) } : {}),
  };
  const options = trainOptions(draw);
  const isText = kind === "characters" || kind === "words" || kind === "windows";
  if (!isText) {
    delete options.sequenceLength;
    if (draw.chance(0.3)) options.shuffle = false;
  }
  const embeddingSize = draw.pick([0, 0, 3, 5]);
  const { text } = presets.hamlet;
  const length = draw.integer(300, text.length);
  const name = `${kind} ${JSON.stringify({ ...shared, ...options })}`;
  switch (kind) {
    case "characters":
    case "words": {
      const data = text.slice(0, length);
      const vocabulary =
        kind === "words"
          ? words(data, { minFrequency: draw.integer(1, 2), lowercase: draw.chance(0.5) })
          : characters(data);
      if (kind === "words") options.batchSize = Math.min(options.batchSize!, 3);
      return { name, make: () => createModel({ ...shared, vocabulary, embeddingSize }), data, options };
    }
    case "windows": {
      const data = text.slice(0, Math.min(length, 400));
      delete options.sequenceLength;
      const window = draw.integer(1, 9);
      const vocabulary = characters(data);
      return { name, make: () => createModel({ ...shared, vocabulary, embeddingSize, window }), data, options };
    }
    case "tokens": {
      const vocabulary = characters("abcdefg");
      const data = examples(draw, (T) => ({ inputs: draw.integers(T, 7), targets: draw.integers(T, 7) }));
      return { name, make: () => createModel({ ...shared, vocabulary, embeddingSize }), data, options };
    }
    case "vectors": {
      const [inputSize, outputSize] = [draw.integer(1, 5), draw.integer(1, 4)];
      const returnSequences = draw.chance(0.5);
      const loss = draw.pick(["mse", "huber"] as const);
      const data = examples(draw, (T) => ({
        inputs: draw.normals(T * inputSize),
        targets: draw.normals((returnSequences ? T : 1) * outputSize),
      }));
      return {
        name,
        make: () => createModel({ ...shared, inputSize, outputSize, returnSequences, loss }),
        data,
        options,
      };
    }
    case "classes": {
      const inputSize = draw.integer(1, 5);
      const data = examples(draw, (T) => ({ inputs: draw.normals(T * inputSize), targets: draw.integers(1, 3) }));
      return { name, make: () => createModel({ ...shared, inputSize, classes: ["a", "b", "c"] }), data, options };
    }
    case "series": {
      const rows = draw.integer(60, 120);
      const table = { a: Array.from(draw.normals(rows)), b: Array.from({ length: rows }, (_, t) => 10 + Math.sin(t)) };
      const series = prepareSeries(table, {
        columns: draw.pick([["a", "b"], ["b"]]),
        target: "b",
        window: draw.integer(2, 8),
        difference: draw.chance(0.3),
      });
      return { name, make: () => createForecaster(series, shared), data: series.examples, options };
    }
  }
}

/** Examples of few lengths, and some of them alone in theirs. */
const examples = (draw: Draw, make: (T: number) => Example): Example[] =>
  Array.from({ length: draw.integer(5, 30) }, () => make(draw.pick([1, 4, 4, 4, 7])));

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function trainOptions(draw: Draw): Writable<TrainOptions> {
  const optimizer = draw.pick(["sgd", "adam", "adamw", "rmsprop"] as const);
  const schedule = draw.pick(["constant", "step", "cosine"] as const);
  const batchSize = draw.integer(1, 9);
  const gradientShards = Math.min(draw.integer(0, 4), batchSize);
  const options: Writable<TrainOptions> = {
    optimizer,
    schedule,
    gradientShards,
    epochs: draw.integer(2, 4),
    batchSize,
    sequenceLength: draw.integer(5, 60),
    learningRate: draw.pick([0.001, 0.01]),
    lossReduction: draw.pick(["mean", "mean", "sum"]),
    warmupSteps: draw.pick([0, 0, 7]),
    // A thread more takes some time to start.
    threads: gradientShards > 1 && draw.chance(0.3) ? 2 : 1,
    clipNorm: draw.pick([1, 0.1]),
  };
  if (optimizer === "sgd" && draw.chance(0.5)) options.momentum = 0.9;
  if (schedule === "step") options.decayEpochs = draw.integer(1, 2);
  if (schedule === "cosine" && draw.chance(0.5)) options.minLearningRate = 0.0001;
  if (draw.chance(0.3)) options.clipValue = 0.05;
  if (draw.chance(0.3)) options.weightDecay = 0.02;
  if (draw.chance(0.5)) options.dropout = draw.pick([0.1, 0.5]);
  if (draw.chance(0.4)) {
    options.validationFraction = 0.25;
    if (draw.chance(0.5)) options.patience = 1;
  }
  return options;
}
