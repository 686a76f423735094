import { describe, expect, test } from "vitest";
import { characters, createModel, load, save, type TrainReport, train } from "../../src/index.js";
import { presets } from "../../src/presets.js";

const { text } = presets.hamlet;
const overfitting = { batchSize: 2, sequenceLength: 25, validationFraction: 0.2, learningRate: 0.03 };
const fresh = () => createModel({ vocabulary: characters(text), hiddenSize: 24, backend: "simd" });

async function reportsOf(model: Awaited<ReturnType<typeof fresh>>, options: object): Promise<TrainReport[]> {
  const reports: TrainReport[] = [];
  for await (const report of train(model, text, { ...overfitting, ...options })) reports.push(report);
  return reports;
}

describe("with held-out text", () => {
  test("each epoch reports the loss on it, and which epoch was best", async () => {
    const reports = await reportsOf(await fresh(), { epochs: 15 });
    const losses = reports.map(({ validationLoss }) => validationLoss!);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(best).toBeGreaterThan(1);
    expect(best).toBeLessThan(15);
    expect(reports.at(-1)!.bestEpoch).toBe(best);
    expect(reports.map(({ bestEpoch }) => bestEpoch)).toEqual(
      losses.map((_, i) => losses.indexOf(Math.min(...losses.slice(0, i + 1))) + 1),
    );
  });

  test("patience stops training that many epochs after the best one, whose parameters the model keeps", async () => {
    const model = await fresh();
    const reports = await reportsOf(model, { epochs: 100, patience: 3 });
    const best = reports.at(-1)!.bestEpoch!;
    expect(reports).toHaveLength(best + 3);
    expect(reports.at(-1)!.progress).toBe(1);
    const upToBest = await fresh();
    await reportsOf(upToBest, { epochs: best });
    for (const { name } of model.tensors) expect(model.tensor(name)).toEqual(upToBest.tensor(name));
  });

  test("a checkpoint contains the best parameters, and the last ones to resume from", async () => {
    const model = await fresh();
    const reports = await reportsOf(model, { epochs: 15 });
    const loaded = await load(save(model), { backend: "simd" });
    for (const { name } of model.tensors) expect(loaded.tensor(name)).toEqual(model.tensor(name));
    const best = reports.at(-1)!.bestEpoch!;
    const goesOn: TrainReport[] = [];
    for await (const report of train(loaded, text, { resume: true, epochs: 16 })) goesOn.push(report);
    const whole = await reportsOf(await fresh(), { epochs: 16 });
    expect(goesOn.map(({ trainLoss }) => trainLoss)).toEqual([whole.at(-1)!.trainLoss]);
    expect(goesOn[0]!.bestEpoch).toBe(best);
  });

  test("the held-out part is never trained on", async () => {
    // The last fifth holds the only "z": its weights as an input stay as they were.
    const own = "abcd".repeat(100) + "abcz".repeat(25);
    const model = await createModel({ vocabulary: characters(own), hiddenSize: 4, backend: "simd" });
    const row = () => model.tensor("lstm.weight_ih_l0").filter((_, i) => i % 5 === 4);
    const before = row();
    for await (const _ of train(model, own, { epochs: 3, batchSize: 2, validationFraction: 0.2 }));
    expect(row()).toEqual(before);
  });

  test("a held-out part too small for a prediction is rejected", async () => {
    await expect(reportsOf(await fresh(), { validationFraction: 0.001 })).rejects.toThrow(
      "validationFraction: expected at least 2 of 866 held out, got 0.001",
    );
  });
});
