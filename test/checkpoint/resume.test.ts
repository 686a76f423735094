import { describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  type Example,
  load,
  type Model,
  predict,
  save,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { getTrainingRun } from "../../src/inspect.js";
import { presets } from "../../src/presets.js";
import { words } from "../../src/words.js";
import { FULL } from "../full.js";
import { Random } from "../internals/common.js";
import { integers, normals } from "../kernels/tensors.js";

const { text } = presets.hamlet;
const vocabulary = characters(text);
const common: TrainOptions = { epochs: 4, batchSize: 3, sequenceLength: 17, clipNorm: 1 };

const fresh = () => createModel({ vocabulary, hiddenSize: 6, layers: 2, backend: "simd" });

/** What is trained on what. */
interface Subject {
  readonly make: () => Promise<Model>;
  readonly data: string | readonly Example[];
}

const hamlet: Subject = { make: fresh, data: text };

/** The file of an unbroken run. */
async function unbroken(options: TrainOptions, { make, data } = hamlet): Promise<Uint8Array> {
  const model = await make();
  for await (const _ of train(model, data, options));
  return save(model);
}

/** Trains on, up to a number of updates; null when the run is over. */
async function leg(
  model: Model,
  options: TrainOptions,
  updates: number,
  { data } = hamlet,
): Promise<Uint8Array | null> {
  let made = 0;
  for await (const _ of train(model, data, { ...options, progressInterval: 0 }))
    if (++made === updates) return save(model);
  return null;
}

/** The file of a run that is saved, thrown away and loaded again after every so many updates. */
async function broken(options: TrainOptions, updates: number, subject = hamlet): Promise<Uint8Array> {
  let model = await subject.make();
  for (let resume = false; ; resume = true) {
    const bytes = await leg(model, { ...options, resume }, updates, subject);
    if (!bytes) return save(model);
    model.free();
    model = await load(bytes, { backend: "simd" });
  }
}

describe("a run stopped again and again writes the bytes of an unbroken one", () => {
  const runs: Record<string, TrainOptions> = {
    sgd: { optimizer: "sgd", learningRate: 0.1 },
    "sgd with momentum": { optimizer: "sgd", learningRate: 0.05, momentum: 0.9 },
    adam: { optimizer: "adam" },
    "adam with weight decay": { optimizer: "adam", weightDecay: 0.01 },
    adamw: { optimizer: "adamw" },
    rmsprop: { optimizer: "rmsprop" },
    dropout: { dropout: 0.3 },
    "the step schedule": { schedule: "step", decayEpochs: 2 },
    "the cosine schedule with warm-up": { schedule: "cosine", warmupSteps: 9, minLearningRate: 1e-4 },
    validation: { validationFraction: 0.2 },
    patience: { validationFraction: 0.2, patience: 1, learningRate: 0.1, epochs: 30 },
    "accumulated batches": { accumulate: 3, dropout: 0.2 },
    "frozen tensors": { frozen: ["lstm.weight_hh", "linear.bias"], weightDecay: 0.1, optimizer: "adamw" },
    "whole sequences": { sequenceLength: 0, batchSize: 1 },
    everything: {
      optimizer: "adamw",
      dropout: 0.1,
      schedule: "cosine",
      warmupSteps: 3,
      validationFraction: 0.1,
      clipValue: 1,
    },
  };
  // 5 updates stop in the middle of epochs; 17 are more than one epoch.
  const long = ["validation", "patience", "everything"];
  const cases = Object.entries(runs).flatMap(([name, options]) =>
    (FULL || long.includes(name) ? [5, 17] : [5]).map((n) => [name, n, options] as const),
  );

  test.each(cases)("%s, every %i updates", async (_, updates, options) => {
    const whole = { ...common, ...options };
    expect(await broken(whole, updates)).toEqual(await unbroken(whole));
  });

  test.each(["relaxed-simd", "javascript"] as const)("with %s", async (backend) => {
    const once = await createModel({ vocabulary, hiddenSize: 6, backend });
    for await (const _ of train(once, text, common));
    const first = await createModel({ vocabulary, hiddenSize: 6, backend });
    await leg(first, common, 20);
    const second = await load(save(first), { backend });
    for await (const _ of train(second, text, { resume: true }));
    expect(save(second)).toEqual(save(once));
  });

  test("k epochs and then up to N, with a fixed learning rate decay", async () => {
    const options: TrainOptions = { ...common, schedule: "cosine", scheduleEpochs: 4 };
    const model = await fresh();
    for await (const _ of train(model, text, { ...options, epochs: 1 }));
    const again = await load(save(model), { backend: "simd" });
    for await (const _ of train(again, text, { epochs: 4, resume: true }));
    expect(save(again)).toEqual(await unbroken(options));
  });

  test("after an abort in the middle of an epoch", async () => {
    const model = await fresh();
    const controller = new AbortController();
    const aborted = (async () => {
      for await (const { step } of train(model, text, { ...common, signal: controller.signal, progressInterval: 0 }))
        if (step === 7) controller.abort();
    })();
    await expect(aborted).rejects.toThrow("abort");
    for await (const _ of train(model, text, { resume: true }));
    expect(save(model)).toEqual(await unbroken(common));
  });

  test("a finished run stays unchanged", async () => {
    const model = await load(await unbroken(common), { backend: "simd" });
    for await (const _ of train(model, text, { resume: true })) expect.unreachable();
    expect(save(model)).toEqual(await unbroken(common));
  });
});

const random = new Random(1);
const sentences: Example[] = Array.from({ length: 61 }, (_, i) => {
  const inputs = integers(random, 3 + (i % 4), 0, vocabulary.size - 1);
  return { inputs, targets: [inputs[0]! % 3] };
});
const walks: Example[] = Array.from({ length: 41 }, (_, i) => {
  const T = 5 + (i % 3);
  return { inputs: normals(random, 3 * T), targets: normals(random, 2 * T) };
});

const small = { hiddenSize: 5, backend: "simd" } as const;
const classes = ["to", "be", "not"];
const values = { inputSize: 3, outputSize: 2, loss: "huber", huberDelta: 0.5 } as const;
const wordVocabulary = words(text, { minFrequency: 2, punctuation: "strip" });

/** Models of every kind, each with what it reads. */
const kinds: Record<string, Subject & { options?: TrainOptions }> = {
  "classes of examples": { make: () => createModel({ ...small, vocabulary, classes }), data: sentences },
  "classes of examples, embedded, in two layers": {
    make: () => createModel({ ...small, vocabulary, classes, embeddingSize: 3, layers: 2 }),
    data: sentences,
    options: { dropout: 0.2, validationFraction: 0.2 },
  },
  "examples in their own order": {
    make: () => createModel({ ...small, vocabulary, classes }),
    data: sentences,
    options: { shuffle: false },
  },
  "values with Huber's loss": { make: () => createModel({ ...small, ...values }), data: walks },
  "classes of vectors": {
    make: () => createModel({ ...small, inputSize: 3, classes, loss: "cross-entropy" }),
    data: walks.map(({ inputs }, i) => ({ inputs, targets: [i % 3] })),
  },
  "fewer examples than a batch has": {
    make: () => createModel({ ...small, ...values }),
    data: walks.slice(0, 5),
    options: { batchSize: 32, epochs: 9 },
  },
  "both directions, weights, targets left out": {
    make: () => createModel({ ...small, inputSize: 3, classes, layers: 2, bidirectional: true, returnSequences: true }),
    data: walks.map(({ inputs }, i) => {
      const targets = Array.from({ length: inputs.length / 3 }, (_, t) => ((i + t) % 4) - 1);
      return { inputs, targets, weight: 1 + (i % 2) };
    }),
    options: { classWeights: [1, 2, 0.5], accumulate: 2, validationFraction: 0.2, dropout: 0.1 },
  },
  "no head": {
    make: () => createModel({ ...small, inputSize: 3, head: "none" }),
    data: walks.map(({ inputs }) => ({ inputs, targets: normals(random, (5 * inputs.length) / 3) })),
  },
  windows: {
    make: () => createModel({ ...small, vocabulary, window: 7 }),
    data: text.slice(0, 200),
    options: { batchSize: 9, validationFraction: 0.2 },
  },
  "fewer windows than a batch has": {
    make: () => createModel({ ...small, vocabulary, window: 7 }),
    data: text.slice(0, 20),
    options: { batchSize: 32, epochs: 9 },
  },
  "embedded words": {
    make: () => createModel({ ...small, vocabulary: wordVocabulary, embeddingSize: 6 }),
    data: text,
    options: { sequenceLength: 5 },
  },
};

describe.each(Object.entries(kinds))("%s", (name, { options, ...subject }) => {
  // Texts alone have a length to be cut to, unless a window does.
  const { sequenceLength, ...others } = common;
  const isStream = typeof subject.data === "string" && !name.includes("window");
  const whole = { ...others, ...(isStream ? { sequenceLength } : {}), ...options };

  test.each(FULL ? [1, 5, 17] : [7])(
    "a run stopped every %i updates writes the bytes of an unbroken one",
    async (updates) => {
      expect(await broken(whole, updates, subject)).toEqual(await unbroken(whole, subject));
    },
  );

  test("a file contains the model: its configuration, its vocabulary and its predictions", async () => {
    const model = await subject.make();
    for await (const _ of train(model, subject.data, { ...whole, epochs: 1 }));
    const bytes = save(model);
    const again = await load(bytes, { backend: "simd" });
    expect(again.config).toEqual(model.config);
    expect([again.input, again.output]).toEqual([model.input, model.output]);
    if (model.input.kind === "categorical") expect(again.vocabulary.toJSON()).toEqual(model.vocabulary.toJSON());
    else expect(() => again.vocabulary).toThrow("reads vectors");
    const inputs = model.input.kind === "categorical" ? [0, 3, 1, 2] : [1, -2, 3, -4, 5, -6];
    expect(predict(again, inputs)).toEqual(predict(model, inputs));
    expect(save(again)).toEqual(bytes);
  });

  test("other data are rejected", async () => {
    const model = await load((await leg(await subject.make(), whole, 1, subject))!);
    const { data } = subject;
    const other = typeof data === "string" ? data.slice(1) + data[0] : [...data.slice(1), data[0]!];
    await expect(train(model, other, { resume: true }).next()).rejects.toThrow(
      "not the data that the run was trained on",
    );
  });
});

test("the order of examples is fixed when the run starts", async () => {
  const model = await load(
    (await leg(await kinds["classes of examples"]!.make(), { batchSize: 3 }, 1, { ...hamlet, data: sentences }))!,
  );
  await expect(train(model, sentences, { shuffle: false, resume: true }).next()).rejects.toThrow(
    "shuffle: expected true, as in the resumed run, got false",
  );
});

describe("a resumed run rejects changes of", () => {
  const changes: [keyof TrainOptions, TrainOptions, string][] = [
    ["batchSize", { batchSize: 4 }, "batchSize: expected 3, as in the resumed run, got 4"],
    ["sequenceLength", { sequenceLength: 10 }, "expected 17, as in the resumed run, got 10"],
    ["optimizer", { optimizer: "sgd" }, 'optimizer: expected adam, as in the resumed run, got "sgd"'],
    ["momentum", { momentum: 0.5 }, "expected 0, as in the resumed run, got 0.5"],
    ["validationFraction", { validationFraction: 0.5 }, "expected 0, as in the resumed run, got 0.5"],
  ];
  test.each(changes)("%s", async (_, options, message) => {
    const model = await load(await unbroken(common));
    await expect(train(model, text, { ...options, resume: true }).next()).rejects.toThrow(message);
  });

  test("the text", async () => {
    const model = await load(await unbroken(common));
    const other = text.slice(1) + text[0];
    await expect(train(model, other, { resume: true }).next()).rejects.toThrow(
      "not the data that the run was trained on",
    );
  });

  test("resuming without a run is rejected", async () => {
    await expect(train(await fresh(), text, { resume: true }).next()).rejects.toThrow("there is nothing to resume");
    const weights = await load(save(await load(await unbroken(common)), { training: false }));
    await expect(train(weights, text, { resume: true }).next()).rejects.toThrow("there is nothing to resume");
  });
});

test("the learning rate, the clipping and the number of epochs may change", async () => {
  const model = await load(await unbroken(common));
  const reports = [];
  for await (const report of train(model, text, { resume: true, epochs: 5, learningRate: 1e-4, clipNorm: 2 }))
    reports.push(report);
  expect(reports).toMatchObject([{ epoch: 5, learningRate: 1e-4 }]);
});

test("clipping and patience can be lifted", async () => {
  const options = { ...common, epochs: 30, validationFraction: 0.2, patience: 1, learningRate: 0.05 };
  const model = await load(await unbroken(options));
  const stopped = getTrainingRun(model)!;
  expect(stopped.epoch).toBeLessThan(30);
  for await (const _ of train(model, text, { resume: true, patience: 0, clipNorm: 0 }));
  expect(getTrainingRun(model)).toMatchObject({ epoch: 30, options: { patience: 0, clipNorm: 0 } });
});
