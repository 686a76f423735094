import { describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  DivergenceError,
  evaluate,
  InputError,
  LstmError,
  type Model,
  type ModelOptions,
  OutOfMemoryError,
  save,
  type TrainOptions,
  type TrainReport,
  train,
} from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { BACKENDS } from "../backends.js";

const { text } = presets.hamlet;

const makeModel = (options: ModelOptions = {}) =>
  createModel({ vocabulary: characters(text), hiddenSize: 9, backend: "simd", ...options });

async function trained(model: Model, options: TrainOptions = {}, on = text): Promise<TrainReport[]> {
  const reports: TrainReport[] = [];
  for await (const report of train(model, on, { epochs: 2, batchSize: 4, sequenceLength: 20, ...options }))
    reports.push(report);
  return reports;
}

/** Options that are there, but undefined: as if they were not. */
const without = (...names: string[]) => Object.fromEntries(names.map((name) => [name, undefined]));

const parametersOf = (model: Model) => model.tensors.map(({ name }) => model.tensor(name));

describe("reports", () => {
  test("come after each epoch, with the progress of training", async () => {
    const reports = await trained(await makeModel(), { epochs: 3 });
    // 865 predictions in 4 streams of 216 steps, 20 at a time: 11 updates.
    expect(
      reports.map(({ event, epoch, completedEpochs, step, tokens }) => ({
        event,
        epoch,
        completedEpochs,
        step,
        tokens,
      })),
    ).toEqual([1, 2, 3].map((n) => ({ event: "epoch", epoch: n, completedEpochs: n, step: 11 * n, tokens: 864 * n })));
    expect(reports[2]!.trainLoss).toBeLessThan(reports[0]!.trainLoss);
    expect(reports.at(-1)!.progress).toBe(1);
    expect(reports[0]!.tokensPerSecond).toBeGreaterThan(0);
    expect(reports[1]!.seconds).toBeGreaterThan(reports[0]!.seconds);
  });

  test("include progress in between if requested", async () => {
    const reports = await trained(await makeModel(), { epochs: 1, sequenceLength: 1, progressInterval: 0 });
    expect(reports.filter(({ event }) => event === "progress").map(({ step }) => step)).toEqual(
      Array.from({ length: 215 }, (_, i) => i + 1),
    );
    expect(reports.at(-1)).toMatchObject({ event: "epoch", step: 216 });
  });

  test("start with the loss of guessing", async () => {
    const [first] = await trained(await makeModel({ initialization: "normal" }), { epochs: 1, learningRate: 1e-9 });
    expect(first!.trainLoss).toBeCloseTo(Math.log(32), 2);
  });
});

describe("the caller is in charge", () => {
  test("nothing is trained after the report at which the caller stops", async () => {
    const [stopped, whole] = [await makeModel(), await makeModel()];
    for await (const { epoch } of train(stopped, text, { epochs: 100, batchSize: 4 })) if (epoch === 2) break;
    await trained(whole, { epochs: 2, sequenceLength: 50 });
    expect(parametersOf(stopped)).toEqual(parametersOf(whole));
  });

  test("an aborted signal ends training with its reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 50);
    const endless = trained(await makeModel(), { epochs: 1e9, signal: controller.signal });
    await expect(endless).rejects.toBe(reason);
    await expect(trained(await makeModel(), { signal: controller.signal })).rejects.toBe(reason);
  });

  test("timers run during training", async () => {
    const controller = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => ++ticks === 10 && controller.abort(), 1);
    await expect(trained(await makeModel(), { epochs: 1e9, signal: controller.signal })).rejects.toThrow("abort");
    clearInterval(timer);
    expect(ticks).toBe(10);
  });

  test("a model can be evaluated between two reports without disturbing training", async () => {
    const [watched, alone] = [await makeModel(), await makeModel()];
    for await (const _ of train(watched, text, { epochs: 3, batchSize: 4 })) await evaluate(watched, text);
    await trained(alone, { epochs: 3, sequenceLength: 50 });
    expect(parametersOf(watched)).toEqual(parametersOf(alone));
  });

  test("a second run of the same model is rejected", async () => {
    const model = await makeModel();
    const first = train(model, text);
    await first.next();
    await expect(trained(model)).rejects.toThrow("already being trained");
    await first.return();
    await expect(trained(model)).resolves.toHaveLength(2);
  });

  test("a freed model says so", async () => {
    const model = await makeModel();
    const running = train(model, text, { epochs: 10 });
    await running.next();
    model.free();
    model.free();
    await expect(running.next()).rejects.toThrow("this model was freed");
    await expect(trained(model)).rejects.toThrow(LstmError);
    expect(model.memoryBytes).toBe(0);
  });
});

describe.each(BACKENDS)("divergence with %s", (backend) => {
  test("is an error that says when and how, and keeps the last good parameters", async () => {
    const model = await makeModel({ backend });
    const good = parametersOf(model);
    const options = { optimizer: "sgd", learningRate: 3e38, lossReduction: "sum" } as const;
    const error = await trained(model, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DivergenceError);
    expect(error).toMatchObject({ epoch: 1, step: 2, learningRate: 3e38 });
    expect((error as Error).message).toMatch(/epoch 1, step 2.*gradient norm.*learning rate 3e\+38/);
    expect(parametersOf(model)).toEqual(good);
  });

  test("in the very last update is detected too", async () => {
    const model = await makeModel({ backend });
    const good = parametersOf(model);
    const onlyStep = {
      epochs: 1,
      sequenceLength: 0,
      optimizer: "sgd",
      learningRate: 3e38,
      lossReduction: "sum",
    } as const;
    await expect(trained(model, onlyStep)).rejects.toThrow(DivergenceError);
    expect(parametersOf(model)).toEqual(good);
  });

  test("in the first update after a resumption keeps the last good parameters too", async () => {
    const model = await makeModel({ backend });
    const options = { optimizer: "sgd", learningRate: 0.1, batchSize: 4, sequenceLength: 20 } as const;
    for await (const { step } of train(model, text, { ...options, progressInterval: 0 })) if (step === 3) break;
    const good = parametersOf(model);
    const resumed = trained(model, {
      resume: true,
      learningRate: 3e38,
      lossReduction: "sum",
      epochs: 9,
      ...without("batchSize", "sequenceLength"),
    });
    await expect(resumed).rejects.toThrow(DivergenceError);
    expect(parametersOf(model)).toEqual(good);
  });

  test("is detected when the run is saved or stopped, too: no file is written that load would reject", async () => {
    const model = await makeModel({ backend });
    const good = parametersOf(model);
    const options = { optimizer: "sgd", learningRate: 3e38, lossReduction: "sum", progressInterval: 0 } as const;
    const run = train(model, text, { ...options, batchSize: 4, sequenceLength: 20 });
    await run.next();
    expect(() => save(model)).toThrow(DivergenceError);
    expect(parametersOf(model)).toEqual(good);
    await run.return();
    expect(parametersOf(model)).toEqual(good);
  });

  test("of a model whose numbers overflow is noticed in its first step", async () => {
    const model = await makeModel({ backend });
    model.setTensor("linear.weight", model.tensor("linear.weight").fill(3e38));
    model.setTensor("lstm.bias_ih_l0", model.tensor("lstm.bias_ih_l0").fill(9));
    await expect(trained(model)).rejects.toMatchObject({ step: 1 });
  });
});

describe("clipping", () => {
  test("by norm limits a plain gradient step to learning rate times norm", async () => {
    const model = await makeModel();
    const before = parametersOf(model).flatMap((tensor) => [...tensor]);
    const options = { epochs: 1, sequenceLength: 0, optimizer: "sgd", lossReduction: "sum", learningRate: 1 } as const;
    const [report] = await trained(model, { ...options, clipNorm: 0.5 });
    const after = parametersOf(model).flatMap((tensor) => [...tensor]);
    const length = Math.hypot(...after.map((value, i) => value - before[i]!));
    expect(report!.gradientNorm).toBeGreaterThan(0.5);
    expect(length).toBeCloseTo(0.5, 5);
  });

  test("by value bounds the change of every parameter", async () => {
    const model = await makeModel();
    const before = parametersOf(model).flatMap((tensor) => [...tensor]);
    const options = { epochs: 1, sequenceLength: 0, optimizer: "sgd", lossReduction: "sum", learningRate: 1 } as const;
    await trained(model, { ...options, clipValue: 0.25 });
    const after = parametersOf(model).flatMap((tensor) => [...tensor]);
    // 1e-7: the difference of two float32 numbers below 1.
    const largest = Math.max(...after.map((value, i) => Math.abs(value - before[i]!)));
    expect(Math.abs(largest - 0.25)).toBeLessThan(1e-7);
  });
});

describe("an option that is undefined", () => {
  test("counts as omitted, when resuming too", async () => {
    const [one, other] = [await makeModel(), await makeModel()];
    await trained(one, { batchSize: 3, sequenceLength: 30, dropout: 0.1, epochs: 2 });
    await trained(other, { batchSize: 3, sequenceLength: 30, dropout: 0.1, epochs: 1 });
    const names = ["batchSize", "sequenceLength", "optimizer", "learningRate", "dropout", "validationFraction"];
    await trained(other, { resume: true, ...without(...names) });
    expect(parametersOf(other)).toEqual(parametersOf(one));
  });

  test("null is rejected", async () => {
    await expect(trained(await makeModel(), { epochs: null as unknown as number })).rejects.toThrow(
      "epochs: expected a value, or nothing, got null",
    );
  });
});

describe("invalid texts", () => {
  test("one of a single character", async () => {
    const model = await createModel({ vocabulary: characters("a"), hiddenSize: 4 });
    await expect(trained(model, { batchSize: 1 }, "a")).rejects.toThrow("at least 2 tokens, got 1");
    await expect(trained(model, { batchSize: 1 }, "")).rejects.toThrow(InputError);
  });

  test("one shorter than the batch", async () => {
    await expect(trained(await makeModel(), { batchSize: 50 }, "to be")).rejects.toThrow("use a smaller batchSize");
  });

  test("a vocabulary of one character is allowed", async () => {
    const model = await createModel({ vocabulary: characters("a"), hiddenSize: 4 });
    const reports = await trained(model, { batchSize: 1 }, "aaaa");
    expect(reports.at(-1)!.trainLoss).toBe(0);
  });
});

test.each(BACKENDS)(
  "a training step beyond the memory of %s is refused, and the model goes on working",
  async (backend) => {
    const model = await createModel({ vocabulary: characters("ab"), hiddenSize: 320, backend });
    // 10⁶ steps keep 4 · 320 gates of 4 bytes each: 5 GB.
    const long = "ab".repeat(500_001);
    const refused = trained(model, { batchSize: 1, sequenceLength: 0 }, long);
    await expect(refused).rejects.toThrow(OutOfMemoryError);
    await expect(refused).rejects.toThrow(/\d MiB requested/);
    await expect(trained(model, { epochs: 1 }, "ab".repeat(20))).resolves.toHaveLength(1);
  },
);
