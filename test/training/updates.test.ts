import { describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  type Example,
  load,
  OptionError,
  save,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { getTrainingRun } from "../../src/inspect.js";
import { presets } from "../../src/presets.js";
import { Random } from "../internals/common.js";
import { normals, relativeError } from "../kernels/tensors.js";

// What an update is made of: batches that are accumulated, tensors that are frozen, learning rates by a function.

const random = new Random(1);
const examples: Example[] = Array.from({ length: 24 }, (_, i) => ({
  inputs: normals(random, 2 * (1 + (i % 5))),
  targets: [i % 3],
  weight: 1 + (i % 2),
}));
const options: TrainOptions = { epochs: 3, batchSize: 6, shuffle: false, gradientShards: 1 };
const make = () => createModel({ inputSize: 2, hiddenSize: 5, layers: 2, classes: ["a", "b", "c"], backend: "simd" });

async function trained(more: TrainOptions) {
  const model = await make();
  const reports = [];
  for await (const report of train(model, examples, { ...options, ...more })) reports.push(report);
  return { model, reports };
}

describe("accumulated batches", () => {
  test("make the update of one batch as large as all of them", async () => {
    const [whole, parts] = [await trained({ batchSize: 12 }), await trained({ accumulate: 2 })];
    expect(parts.reports.map(({ step }) => step)).toEqual(whole.reports.map(({ step }) => step));
    for (const { name } of whole.model.tensors)
      expect(relativeError(parts.model.tensor(name), whole.model.tensor(name)), name).toBeLessThan(2e-5);
    for (const [i, { trainLoss, gradientNorm }] of whole.reports.entries()) {
      expect(relativeError([parts.reports[i]!.trainLoss], [trainLoss])).toBeLessThan(1e-5);
      expect(relativeError([parts.reports[i]!.gradientNorm], [gradientNorm])).toBeLessThan(1e-4);
    }
  });

  test("end with the epoch", async () => {
    const { reports } = await trained({ accumulate: 3 });
    expect(reports.map(({ step }) => step)).toEqual([2, 4, 6]);
    expect(reports.at(-1)!.progress).toBe(1);
  });

  test("carry the state of a text from one to the next", async () => {
    const { text } = presets.hamlet;
    const losses = async (more: TrainOptions) => {
      const model = await createModel({ vocabulary: characters(text), hiddenSize: 6, backend: "simd" });
      const shared = { epochs: 1, batchSize: 2, lossReduction: "sum", learningRate: 1e-9 } as const;
      return (await train(model, text, { ...shared, ...more })).trainLoss;
    };
    // Hardly anything is learned, so that the losses are those of the same network.
    const whole = await losses({ sequenceLength: 40 });
    expect(relativeError([await losses({ sequenceLength: 10, accumulate: 4 })], [whole])).toBeLessThan(1e-6);
  });
});

describe("frozen tensors", () => {
  test.each([
    [["lstm."], ["linear.weight", "linear.bias"]],
    [
      ["linear.bias", "lstm.weight_ih_l1", "lstm.bias"],
      ["lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.weight_hh_l1", "linear.weight"],
    ],
  ])("%j keep their values, the others do not", async (frozen, others) => {
    const before = await make();
    const { model, reports } = await trained({ frozen, optimizer: "adamw", weightDecay: 0.1 });
    const changed = model.tensors.filter(({ name }) => String(model.tensor(name)) !== String(before.tensor(name)));
    expect(changed.map(({ name }) => name)).toEqual(others);
    const { reports: all } = await trained({});
    expect(reports[0]!.gradientNorm).toBeLessThan(all[0]!.gradientNorm);
  });

  test("can be others in a resumed run", async () => {
    const { model } = await trained({ frozen: ["lstm."] });
    const before = model.tensor("lstm.weight_hh_l0");
    await train(model, examples, { resume: true, epochs: 4, frozen: [] });
    expect(model.tensor("lstm.weight_hh_l0")).not.toEqual(before);
  });

  test.each([
    [["lstm.weight_hh_l2"], /^frozen: expected names of tensors \(lstm\.weight_ih_l0, /],
    [["l"], /^frozen: expected at least one tensor left to train/],
    ["lstm.", /^frozen: expected a list of tensor names/],
  ])("%j is refused", async (frozen, message) => {
    const run = train(await make(), examples, { frozen: frozen as string[] });
    await expect(run.next()).rejects.toThrow(message);
  });
});

describe("a schedule that is a function", () => {
  const schedule = (step: number, epoch: number) => 0.01 / (step + epoch);

  test("gives each update its learning rate", async () => {
    const { reports } = await trained({ schedule });
    expect(reports.map(({ learningRate }) => learningRate)).toEqual([schedule(4, 1), schedule(8, 2), schedule(12, 3)]);
  });

  test("is wanted again where a saved run is resumed, and then gives the bytes of an unbroken one", async () => {
    const whole = save((await trained({ schedule })).model);
    const { model } = await trained({ schedule, epochs: 2 });
    const again = await load(save(model), { backend: "simd" });
    expect(getTrainingRun(again)!.options.schedule).toBe("custom");
    await expect(train(again, examples, { resume: true }).next()).rejects.toThrow(
      "schedule: expected the function that the run was started with, or another schedule",
    );
    await train(again, examples, { resume: true, epochs: 3, schedule });
    expect(save(again)).toEqual(whole);
  });

  test.each([
    [{ schedule: () => Number.NaN }, "schedule: expected a learning rate of at least 0 for step 1, got NaN"],
    [{ schedule: "custom" as never }, "schedule: expected constant, step, cosine, or a function"],
    [{ schedule, warmupSteps: 3 }, "warmupSteps: expected 0 with a schedule that is a function, got 3"],
    [{ schedule, decayRate: 0.1 }, "decayRate: expected no value unless schedule is step"],
  ])("%j is refused", async (more, message) => {
    const run = train(await make(), examples, more);
    await expect(run.next()).rejects.toThrow(OptionError);
    await expect(train(await make(), examples, more).next()).rejects.toThrow(message);
  });
});
