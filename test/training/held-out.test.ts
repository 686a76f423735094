import { describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  type Example,
  evaluate,
  InputError,
  load,
  OptionError,
  save,
  train,
} from "../../src/index.js";
import { getTrainingRun, matchesTrainingData } from "../../src/inspect.js";
import { writeNext } from "../data/write-next.js";
import { TokenStreams } from "../internals/data.js";
import { encodeData } from "../internals/model.js";
import { methodsOf, settleTraining, splitData, Trainer } from "../internals/training.js";

const vectors = (seed = 1) => createModel({ inputSize: 1, hiddenSize: 4, backend: "simd", seed });
const regression = (length: number): Example[] =>
  Array.from({ length }, (_, i) => ({ inputs: [i / length], targets: [1] }));

test.each([
  [100, 0.29, 29],
  [100, 0.57, 57],
  [49, 1 / 49, 1],
  [10, 0.7, 7],
])("of %i examples, a share of %d holds out %i", async (length, validationFraction, held) => {
  const report = await train(await vectors(), regression(length), { epochs: 1, batchSize: 1, validationFraction });
  expect(report.step).toBe(length - held);
});

describe("examples that are sorted by class", () => {
  const CLASSES = ["a", "b", "c", "d", "e"];
  const sizes = [40, 40, 40, 30, 10];
  const examples = sizes.flatMap((size, k) =>
    Array.from(
      { length: size },
      (_, i): Example => ({ inputs: [k + Math.sin(i) / 3, i / 40], targets: [CLASSES[k]!] }),
    ),
  );
  const make = (seed = 1) => createModel({ inputSize: 1, hiddenSize: 6, classes: CLASSES, backend: "simd", seed });
  const options = { epochs: 2, batchSize: 8, validationFraction: 0.25 } as const;

  /** The validation loss of the best epoch, and that of the model on some examples. */
  async function validated(held: readonly Example[], more = {}, seed = 1) {
    const model = await make(seed);
    const { validationLoss } = await train(model, examples, { ...options, epochs: 1, ...more });
    return [validationLoss, (await evaluate(model, held)).loss];
  }

  test("hold out the same share of each, others with another seed", async () => {
    const model = await make();
    await train(model, examples, options);
    const encoded = encodeData(model, examples);
    const targetsOf = async (seeded: typeof model) => {
      const config = getTrainingRun(model)!.options;
      const { validation } = await splitData(seeded, encoded, config);
      const { batches } = validation!;
      const integers = new Int32Array(1000);
      const counts = new Map<number, number>();
      const firsts: number[] = [];
      while (batches.nextLength > 0) {
        const B = batches.nextBatchSize;
        const floats = new Float32Array(integers.buffer);
        writeNext(batches, { integers, floats, inputs: 0, targets: 2000 });
        for (const target of integers.subarray(500, 500 + B)) counts.set(target, (counts.get(target) ?? 0) + 1);
        firsts.push(...floats.subarray(0, 8 * B));
      }
      return { counts: [0, 1, 2, 3, 4].map((k) => counts.get(k)), firsts };
    };
    const one = await targetsOf(model);
    // 160 · 0.25 = 40 in all; of 30 and 10, the halves are rounded so that the sum is right.
    expect(one.counts).toEqual([10, 10, 10, 8, 2]);
    expect((await targetsOf(await make())).firsts).toEqual(one.firsts);
    expect((await targetsOf(await make(2))).firsts).not.toEqual(one.firsts);
  });

  test("or the last ones, where that is asked for", async () => {
    const [loss, again] = await validated(examples.slice(120), { stratify: false });
    expect(again).toBeCloseTo(loss!, 12);
    const [stratified, last] = await validated(examples.slice(120));
    expect(Math.abs(stratified! - last!)).toBeGreaterThan(0.01);
  });

  test("go on exactly when the run is resumed", async () => {
    const [whole, parts] = [await make(), await make()];
    await train(whole, examples, { ...options, epochs: 4, patience: 3 });
    for await (const { step } of train(parts, examples, { ...options, epochs: 4, patience: 3, progressInterval: 0 }))
      if (step === 20) break;
    const resumed = await load(save(parts), { backend: "simd" });
    await train(resumed, examples, { resume: true });
    expect(save(resumed)).toEqual(save(whole));
    await expect(train(resumed, examples, { resume: true, stratify: false }).next()).rejects.toThrow(OptionError);
  });
});

test("stratify has no effect on what has no classes, and is refused", async () => {
  const more = { validationFraction: 0.5, stratify: true };
  await expect(train(await vectors(), regression(8), more).next()).rejects.toThrow(
    /stratify: expected no value unless/,
  );
});

describe("validation data of their own", () => {
  const text = "abcabcabbc".repeat(20);
  const validationData = "abcabcab".repeat(5);
  const vocabulary = characters(text);
  const make = () => createModel({ vocabulary, hiddenSize: 5, backend: "simd" });
  const options = { epochs: 4, batchSize: 2, sequenceLength: 20, validationData, patience: 3 } as const;

  test("are evaluated after each epoch, and nothing is held out", async () => {
    const [model, without] = [await make(), await make()];
    const last = await train(model, text, { ...options, epochs: 1, batchSize: 1 });
    expect(last.bestEpoch).toBe(1);
    expect((await evaluate(model, validationData)).loss).toBeCloseTo(last.validationLoss!, 12);
    await train(without, text, { epochs: 1, batchSize: 1, sequenceLength: 20 });
    expect(model.tensor("linear.weight")).toEqual(without.tensor("linear.weight"));
  });

  test("have to be the same when the run is resumed, which then goes on exactly", async () => {
    const [whole, parts] = [await make(), await make()];
    await train(whole, text, options);
    for await (const { step } of train(parts, text, { ...options, progressInterval: 0 })) if (step === 8) break;
    const resume = async () => await load(save(parts), { backend: "simd" });
    for (const other of [undefined, `${validationData}a`]) {
      const resumed = train(await resume(), text, { resume: true, ...(other ? { validationData: other } : {}) });
      await expect(resumed.next()).rejects.toThrow("these are not the validation data that the run was evaluated on");
    }
    const resumed = await resume();
    expect(matchesTrainingData(resumed, text)).toBe(true);
    expect(matchesTrainingData(resumed, text, validationData)).toBe(true);
    expect(matchesTrainingData(resumed, text, "abc")).toBe(false);
    await train(resumed, text, { resume: true, validationData });
    expect(save(resumed)).toEqual(save(whole));
  });

  test("of examples", async () => {
    const model = await vectors();
    const last = await train(model, regression(8), { epochs: 2, validationData: regression(3) });
    expect((await evaluate(model, regression(3))).loss).toBeLessThanOrEqual(last.validationLoss!);
  });

  test("go with nothing that is held out, and have to fit the model", async () => {
    const model = await make();
    const attempt = (more: object) => train(model, text, { ...options, ...more }).next();
    await expect(attempt({ validationFraction: 0.2 })).rejects.toThrow(
      "validationFraction: expected no value beside validationData, got 0.2",
    );
    await expect(attempt({ validationData: "a" })).rejects.toThrow(/validationData: the text is too short/);
    await expect(attempt({ validationData: [] })).rejects.toThrow(InputError);
    await expect(train(await make(), text, { ...options, resume: true }).next()).rejects.toThrow("nothing to resume");
  });
});

test("a loss on held-out data that is large, since few classes are mistaken for sure, is no explosion", async () => {
  const model = await createModel({ vocabulary: characters("ab"), hiddenSize: 4, backend: "simd" });
  const tokens = Int32Array.from({ length: 100 }, (_, i) => i % 2);
  const config = settleTraining({ gradientShards: 1 });
  const identity = { fingerprint: "", validationFingerprint: "held out" };
  const trainer = new Trainer(model, new TokenStreams(tokens, 1, 10), config, await methodsOf(config), 1, identity);
  trainer.validated(0.2);
  trainer.validated(3);
  expect(() => trainer.validated(7.1)).toThrow("the mean loss on the held-out data exploded");
  trainer.free();
  model.free();
});
