import { describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  generate,
  type ModelOptions,
  OptionError,
  type TrainOptions,
  train,
} from "../../src/index.js";

const vocabulary = characters("abc");

describe("a model's options", () => {
  const wrong: ModelOptions[] = [
    ...[0, -1, 1.5, 1e9, Number.NaN, "25" as unknown as number].map((hiddenSize) => ({ hiddenSize })),
    ...[0, 65, 2.5].map((layers) => ({ layers })),
    ...[-1, 2 ** 32, 0.5].map((seed) => ({ seed })),
    { initialization: "zeros" as "normal" },
    { initStd: 0 },
    { forgetBias: Number.POSITIVE_INFINITY },
    { backend: "cuda" as "simd" },
  ];
  test.each(wrong)("%o is refused", async (options) => {
    const [name, value] = Object.entries(options)[0]!;
    await expect(createModel({ vocabulary, ...options })).rejects.toThrow(OptionError);
    await expect(createModel({ vocabulary, ...options })).rejects.toMatchObject({ option: name, received: value });
  });

  test("the error says what was expected and what was given", async () => {
    await expect(createModel({ vocabulary, hiddenSize: 1.5 })).rejects.toThrow(
      "hiddenSize: expected an integer from 1 to 8192, got 1.5",
    );
    await expect(createModel({ vocabulary, backend: "cuda" as "simd" })).rejects.toThrow(
      'backend: expected one of auto, relaxed-simd, simd, javascript, got "cuda"',
    );
  });
});

describe("training's options", () => {
  const wrong: TrainOptions[] = [
    ...[0, -1, 1.5].map((epochs) => ({ epochs })),
    ...[0, 65537].map((batchSize) => ({ batchSize })),
    ...[-1, 0.5].map((sequenceLength) => ({ sequenceLength })),
    ...[0, -0.1, Number.NaN, Number.POSITIVE_INFINITY].map((learningRate) => ({ learningRate })),
    { clipValue: -1 },
    { clipNorm: -1 },
    { optimizer: "adagrad" as "adam" },
    { lossReduction: "max" as "mean" },
  ];
  test.each(wrong)("%o is refused", async (options) => {
    const model = await createModel({ vocabulary, hiddenSize: 4 });
    await expect(train(model, "abcabc", { batchSize: 1, ...options }).next()).rejects.toThrow(OptionError);
  });
});

describe("an unknown option", () => {
  test("is rejected, and the nearest one named", async () => {
    const model = await createModel({ vocabulary, hiddenSize: 4 });
    const given = { lr: 0.1 } as TrainOptions;
    await expect(train(model, "abcabc", given).next()).rejects.toThrow("unknown option lr: did you mean learningRate?");
    await expect(train(model, "abcabc", given).next()).rejects.toThrow(OptionError);
    await expect(createModel({ vocabulary, hiddensize: 4 } as ModelOptions)).rejects.toThrow(
      "did you mean hiddenSize?",
    );
    await expect(generate(model, { prompt: "a", length: 3 } as { prompt: string }).next()).rejects.toThrow(
      "unknown option length",
    );
    // What Keras and brain.js call so.
    for (const [theirs, ours] of Object.entries({
      iterations: "epochs",
      validation_split: "validationFraction",
      earlyStopping: "patience",
    }))
      await expect(train(model, "abcabc", { [theirs]: 1 }).next()).rejects.toThrow(
        `unknown option ${theirs}: did you mean ${ours}?`,
      );
    for (const theirs of ["hiddenLayers", "units"])
      await expect(createModel({ vocabulary, [theirs]: 4 } as ModelOptions)).rejects.toThrow(
        `unknown option ${theirs}: did you mean hiddenSize?`,
      );
    await expect(createModel({ vocabulary, zzzzzz: 4 } as ModelOptions)).rejects.toThrow(/unknown option zzzzzz$/);
  });
});

describe("an option that the others make ineffective", () => {
  const idle: TrainOptions[] = [
    { momentum: 0.9 },
    { alpha: 0.9 },
    { optimizer: "sgd", beta1: 0.8 },
    { decayRate: 0.1 },
    { schedule: "cosine", decayEpochs: 3 },
    { minLearningRate: 1e-5 },
    { patience: 3 },
    { shuffle: false },
  ];
  test.each(idle)("%o is refused", async (options) => {
    const model = await createModel({ vocabulary, hiddenSize: 4 });
    const name = Object.keys(options).at(-1);
    await expect(train(model, "abcabc", { batchSize: 1, ...options }).next()).rejects.toMatchObject({
      name: "OptionError",
      option: name,
      message: expect.stringContaining("expected no value"),
    });
  });

  test.each([{ huberDelta: 2 }, { initStd: 0.5 }])("%o of a model is refused", async (options) => {
    await expect(createModel({ vocabulary, ...options })).rejects.toThrow("expected no value unless");
  });

  test("its default is not rejected: a settled configuration can be passed back", async () => {
    const model = await createModel({ vocabulary, hiddenSize: 4 });
    await createModel({ vocabulary, ...model.config });
    for await (const _ of train(model, "abcabc", { batchSize: 1, epochs: 1, momentum: 0, decayRate: 0.5 }));
  });
});

describe("generation's options", () => {
  const wrong = [
    { maxTokens: -1 },
    { temperature: 0 },
    { topK: 0 },
    { topP: 0 },
    { topP: 1.1 },
    { seed: -1 },
    { prompt: 5 as never },
  ];
  test.each(wrong)("%o is refused", async (options) => {
    const model = await createModel({ vocabulary, hiddenSize: 4 });
    await expect(generate(model, { prompt: "a", ...options }).next()).rejects.toThrow(OptionError);
  });
});
