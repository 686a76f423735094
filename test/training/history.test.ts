import { expect, test } from "vitest";
import { availableBackends, characters, createModel, load, save, train } from "../../src/index.js";
import { getTrainingRun, matchesTrainingData } from "../../src/inspect.js";
import { presets } from "../../src/presets.js";

const { text } = presets.sentence;
const OPTIONS = { epochs: 3, batchSize: 2, sequenceLength: 10, validationFraction: 0.2 };

async function trained() {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 4, backend: "simd" });
  const losses: number[] = [];
  const validationLosses: number[] = [];
  for await (const { trainLoss, validationLoss } of train(model, text, OPTIONS)) {
    losses.push(trainLoss);
    validationLosses.push(validationLoss!);
  }
  return { model, losses, validationLosses };
}

test("a model without a run reports none", async () => {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 4 });
  expect(getTrainingRun(model)).toBeUndefined();
  expect(matchesTrainingData(model, text)).toBe(false);
});

test("a run is reported while active, when stopped, and in a checkpoint", async () => {
  const { model, losses, validationLosses } = await trained();
  const left = getTrainingRun(model)!;
  expect(left).toMatchObject({ epoch: 3, threads: 1, options: OPTIONS, trainLosses: losses, validationLosses });
  expect(left.options.optimizer).toBe("adam");
  expect(getTrainingRun(await load(save(model)))).toEqual(left);
  for await (const { epoch, step } of train(model, text, { resume: true, epochs: 5 }))
    expect(getTrainingRun(model)).toMatchObject({ epoch, step });
  expect(getTrainingRun(model)!.trainLosses).toHaveLength(5);
});

test("a run distinguishes its text from others, even ones it cannot read", async () => {
  const { model } = await trained();
  expect(matchesTrainingData(model, text)).toBe(true);
  expect(matchesTrainingData(model, model.vocabulary.encode(text))).toBe(true);
  expect(matchesTrainingData(model, text.slice(1))).toBe(false);
  expect(matchesTrainingData(model, `${text}…`)).toBe(false);
  expect(matchesTrainingData(model, "")).toBe(false);
  expect(matchesTrainingData(model, [])).toBe(false);
});

test("a checkpoint can be loaded with the backend that wrote it", async () => {
  const { model } = await trained();
  const bytes = save(model);
  expect((await load(bytes, { backend: "saved" })).backend).toBe("simd");
  expect((await load(bytes)).backend).toBe(availableBackends()[0]);
});
