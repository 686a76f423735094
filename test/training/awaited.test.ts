import { describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  DivergenceError,
  evaluate,
  InputError,
  LstmError,
  load,
  type Model,
  OptionError,
  save,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { getTrainingRun } from "../../src/inspect.js";

const text = "ab".repeat(100);
const vocabulary = characters(text);
const makeModel = () => createModel({ vocabulary, hiddenSize: 4, backend: "simd" });
const options = { epochs: 3, batchSize: 2, sequenceLength: 20 } as const;

describe("training that is awaited", () => {
  test("is done, and gives the last report", async () => {
    const [awaited, iterated] = [await makeModel(), await makeModel()];
    const last = await train(awaited, text, options);
    expect(last).toMatchObject({ event: "epoch", epoch: 3, progress: 1, stopReason: "epochs" });
    for await (const _ of train(iterated, text, options));
    expect(save(awaited)).toEqual(save(iterated));
  });

  test.each<[string, unknown, object, new (...args: never[]) => Error]>([
    ["an option that cannot be", text, { epochs: -3 }, OptionError],
    ["one that does not exist", text, { typo: 1 }, OptionError],
    ["data that cannot be", 12, {}, InputError],
  ])("says what is wrong: %s", async (_, data, wrong, type) => {
    const model = await makeModel();
    const attempt = () => train(model, data as string, { ...options, ...wrong });
    await expect((async () => await attempt())()).rejects.toThrow(type);
    await expect(attempt().next()).rejects.toThrow(type);
    expect(getTrainingRun(model)).toBeUndefined();
  });

  test("continues from the last report, and reports a run that was stopped early", async () => {
    const model = await makeModel();
    const run = train(model, text, options);
    await run.next();
    expect((await run).epoch).toBe(3);
    expect(await run).toBe(await run);
    const left = train(model, text, options);
    await left.next();
    await left.return();
    expect(await left).toMatchObject({ epoch: 1, stopReason: "interrupted" });
    expect(getTrainingRun(model)).toMatchObject({ epoch: 1, stopReason: "interrupted" });
    const never = train(model, text, options);
    await never.return();
    await expect((async () => await never)()).rejects.toThrow(LstmError);
  });

  test("of a run that is finished gives its last report", async () => {
    const model = await makeModel();
    const { trainLoss } = await train(model, text, options);
    expect(await train(await load(save(model)), text, { resume: true })).toMatchObject({
      epoch: 3,
      trainLoss,
      stopReason: "epochs",
    });
    const reports = [];
    for await (const report of train(model, text, { resume: true })) reports.push(report);
    expect(reports).toEqual([]);
  });

  test("reads the data when it is called", async () => {
    const [model, untouched] = [await makeModel(), await makeModel()];
    const tokens = vocabulary.encode(text);
    const run = train(model, tokens, options);
    tokens.fill(0);
    await run;
    await train(untouched, text, options);
    expect(save(model)).toEqual(save(untouched));
  });
});

test.each<[unknown, string]>([
  [createModel({ vocabulary, hiddenSize: 4 }), "got a Promise: await createModel() or load() first"],
  [undefined, "expected a model, got undefined"],
  [{}, "expected a model, got an object"],
])("what is no model: %s", async (model, message) => {
  await expect(train(model as Model, text).next()).rejects.toThrow(message);
});

test("createModel without options", async () => {
  await expect((createModel as () => Promise<Model>)()).rejects.toThrow(OptionError);
  await expect(createModel(null as never)).rejects.toThrow(OptionError);
});

test.each<[keyof TrainOptions, unknown]>([
  ["signal", "stop"],
  ["signal", {}],
  ["progressInterval", Number.NaN],
  ["progressInterval", "100"],
  ["resume", "yes"],
  ["shuffle", 1],
])("the option %s is not %j", async (option, value) => {
  await expect(train(await makeModel(), text, { [option]: value }).next()).rejects.toThrow(OptionError);
});

describe("why a run has ended", () => {
  test("patience, and which epoch's parameters are kept", async () => {
    const model = await makeModel();
    // What is held out contradicts what is learned.
    const contradiction = `${"ab".repeat(80)}${"aabb".repeat(10)}`;
    const last = await train(model, contradiction, {
      ...options,
      epochs: 200,
      patience: 2,
      validationFraction: 0.2,
      learningRate: 0.3,
    });
    expect(last.stopReason).toBe("patience");
    expect(last.bestEpoch).toBe(last.epoch - 2);
    const { epoch, bestEpoch } = last;
    expect(getTrainingRun(model)).toMatchObject({ epoch, bestEpoch, stopReason: "patience" });
    expect(getTrainingRun(await load(save(model)))).toMatchObject({ epoch, bestEpoch, stopReason: "patience" });
  });

  test("nothing yet, while it goes on", async () => {
    const model = await makeModel();
    for await (const { epoch, stopReason } of train(model, text, options)) {
      expect(stopReason).toBe(epoch === 3 ? "epochs" : undefined);
      expect(getTrainingRun(model)!.stopReason).toBe(stopReason);
    }
  });

  test("a loss that explodes while it is a number leaves the best parameters", async () => {
    const model = await createModel({ vocabulary, hiddenSize: 4, backend: "simd", initialization: "normal" });
    const good = [];
    // Nothing can be learned of it, so that large steps go wrong.
    const noise = Array.from({ length: 200 }, (_, i) => "ab"[((i * i * i) % 7) & 1]).join("");
    const run = train(model, noise, {
      ...options,
      epochs: 500,
      optimizer: "sgd",
      learningRate: 1e6,
      lossReduction: "sum",
    });
    let error: unknown;
    try {
      for await (const { trainLoss } of run) good.push(trainLoss);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(DivergenceError);
    expect(error).toMatchObject({ reason: "the mean loss of the epoch exploded" });
    expect((error as DivergenceError).loss).toBeGreaterThan(1000);
    expect(Number.isFinite((error as DivergenceError).loss)).toBe(true);
    expect(getTrainingRun(model)).toMatchObject({ stopReason: "diverged" });
    await load(save(model));
    await expect(train(model, text, { resume: true }).next()).rejects.toThrow("nothing to resume");
  });

  test("a run that goes wrong little by little leaves the parameters of its best epoch", async () => {
    const model = await makeModel();
    const half = Array.from({ length: 200 }, (_, i) => "aab"[i % 3]).join("");
    const epochs = 80;
    const schedule = (_: number, epoch: number) => (epoch <= 40 ? 1 : 1.7 ** (epoch - 40));
    let least = Number.POSITIVE_INFINITY;
    let best = new Float32Array();
    const run = async () => {
      for await (const { trainLoss } of train(model, half, { ...options, epochs, optimizer: "sgd", schedule })) {
        if (trainLoss > least) continue;
        least = trainLoss;
        best = model.tensor("linear.weight").slice();
      }
    };
    const error = await run().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DivergenceError);
    const { epoch, trainLosses, bestEpoch } = getTrainingRun(model)!;
    expect(epoch).toBeGreaterThan(41);
    expect(bestEpoch).toBe(trainLosses.lastIndexOf(least) + 1);
    expect(model.tensor("linear.weight")).toEqual(best);
  });

  // Learns, takes two steps that are too large, and then stands still.
  const derailed = {
    batchSize: 1,
    sequenceLength: 0,
    optimizer: "sgd",
    schedule: (_: number, epoch: number) => (epoch <= 48 ? 1 : epoch <= 50 ? 4 : 0),
  } as const;
  const { schedule } = derailed;
  const half = Array.from({ length: 200 }, (_, i) => "aab"[i % 3]).join("");

  test("at its end, much worse than it was: the best is kept, and training goes on from the last", async () => {
    const model = await makeModel();
    const last = await train(model, half, { ...derailed, epochs: 53 });
    const { trainLosses, bestEpoch, stopReason, epoch } = getTrainingRun(model)!;
    const best = trainLosses.indexOf(Math.min(...trainLosses)) + 1;
    expect(trainLosses.at(-1)! / trainLosses[best - 1]!).toBeGreaterThan(1.5);
    expect({ bestEpoch, stopReason, epoch }).toEqual({ bestEpoch: best, stopReason: "epochs", epoch: 53 });
    expect(last).toMatchObject({ bestEpoch: best, stopReason: "epochs" });
    expect((await evaluate(model, half)).loss).toBeCloseTo(trainLosses[best - 1]!, 5);

    const again = await load(save(model), { backend: "simd" });
    expect(getTrainingRun(again)).toMatchObject({ bestEpoch: best });
    expect((await evaluate(again, half)).loss).toBeCloseTo(trainLosses[best - 1]!, 5);
    await train(again, half, { resume: true, epochs: 55, schedule });
    const through = await makeModel();
    await train(through, half, { ...derailed, epochs: 55 });
    expect(getTrainingRun(again)!.trainLosses).toEqual(getTrainingRun(through)!.trainLosses);
    // A run that has nothing left to do keeps it too.
    const idle = await load(save(model));
    await train(idle, half, { resume: true, schedule });
    expect(getTrainingRun(idle)).toMatchObject({ bestEpoch: best });
    expect(idle.tensor("linear.weight")).toEqual(model.tensor("linear.weight"));
  });

  test("what it had learned is lost, though the loss is hardly worse than at the beginning", async () => {
    const model = await makeModel();
    const error = await (async () => await train(model, half, { ...derailed, epochs: 500 }))().catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: "DivergenceError", reason: "the loss has risen far above its best" });
    const { trainLosses, epoch } = getTrainingRun(model)!;
    expect(epoch).toBe(100);
    expect(Math.max(...trainLosses)).toBeLessThan(1);
    expect((await evaluate(model, half)).loss).toBeCloseTo(Math.min(...trainLosses), 5);
  });

  test("a little worse than it was, as runs are: the last is kept", async () => {
    const model = await makeModel();
    const last = await train(model, text, { ...options, epochs: 30, learningRate: 0.01 });
    expect(last).not.toHaveProperty("bestEpoch");
    expect(getTrainingRun(model)).not.toHaveProperty("bestEpoch");
  });

  test("moments that overflow, though parameters and gradients do not", async () => {
    const model = await createModel({ inputSize: 1, hiddenSize: 4, outputSize: 1, backend: "simd" });
    const examples = [{ inputs: [1], targets: [1e20] }];
    const run = train(model, examples, { epochs: 5, lossReduction: "sum", optimizer: "rmsprop", learningRate: 1e-3 });
    const error = await run.next().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DivergenceError);
    expect((error as Error).message).toContain("the state of rmsprop overflowed");
    await load(save(model));
  });
});
