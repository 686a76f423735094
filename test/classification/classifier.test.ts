import { describe, expect, test } from "vitest";
import {
  classify,
  createClassifier,
  evaluateClassifier,
  getClassifier,
  type LabeledSequences,
  readLabeledCsv,
  trainClassifier,
} from "../../src/classify.js";
import { createModel, InputError, load, OptionError, save } from "../../src/index.js";
import { StandardScaler } from "../internals/classification.js";

/** Waves that are slow or fast, far from zero, of any length; and a dimension that never changes. */
function waves(count: number, phase: number): LabeledSequences {
  const sequences = Array.from({ length: count }, (_, i) => {
    const isFast = i % 2 === 1;
    const T = 8 + ((i * 5) % 9);
    const wave = (t: number) => 1000 + 30 * Math.sin((isFast ? 1.8 : 0.6) * t + phase * i);
    const values = Float64Array.from({ length: 2 * T }, (_, j) => (j % 2 === 0 ? wave(j / 2) : 7));
    return { id: `wave ${i}`, values, label: isFast ? "fast" : "slow" };
  });
  return { dimensions: ["height", "constant"], classes: ["slow", "fast"], sequences };
}

const SMALL = { hiddenSize: 8, backend: "simd" } as const;

test("a scaler is fitted to every step, and restored from what it is kept as", () => {
  const sequences = [{ values: [1, 5, 3, 5] }, { values: [5, 5, 7, 5] }];
  const scaler = StandardScaler.fit(sequences, ["x", "constant"]);
  expect(scaler.toJSON()).toEqual({ mean: [4, 5], deviation: [Math.sqrt(5), 1] });
  const restored = StandardScaler.fromJSON(JSON.parse(JSON.stringify(scaler)), ["x", "constant"]);
  const scaled = Float32Array.of(-3 / Math.sqrt(5), 0, 3 / Math.sqrt(5), 0);
  expect(restored.transform({ values: [1, 5, 7, 5] }, 0)).toEqual(scaled);
  expect(() => restored.transform({ values: [1, 5, Number.NaN, 5] }, 3)).toThrow(
    'sequence "4", step 2, dimension "x": NaN is not a finite number',
  );
  for (const wrong of [
    { mean: [1], deviation: [1] },
    { mean: [1, 2], deviation: [1, 0] },
    { mean: "12", deviation: 1 },
  ])
    expect(() => StandardScaler.fromJSON(wrong as never, ["x", "y"])).toThrow(InputError);
});

describe("a classifier", () => {
  test("chooses the number of epochs on a held-out part, and tells unseen sequences apart", async () => {
    const { sequences, ...others } = waves(40, 0.7);
    // Wrong labels, so that the loss on the held-out part rises again.
    const wrong = (label: string | undefined) => (label === "fast" ? "slow" : "fast");
    const data = {
      ...others,
      sequences: sequences.map((one, i) => (i % 13 === 5 ? { ...one, label: wrong(one.label) } : one)),
    };
    const model = await createClassifier(data, { ...SMALL, hiddenSize: 16 });
    const phases = new Map<string, number>();
    for await (const { phase, event } of trainClassifier(model, data, { threads: 1, patience: 30 }))
      if (event === "epoch") phases.set(phase, (phases.get(phase) ?? 0) + 1);
    const { validation, dimensions, mean } = getClassifier(model);
    expect(dimensions).toEqual(["height", "constant"]);
    expect(mean[0]).toBeCloseTo(1000, -1);
    expect(validation!.sequences).toBe(8);
    expect(validation!.confusion!.flat().reduce((a, b) => a + b)).toBe(8);
    // 500 updates at least, of three an epoch.
    expect(phases.get("training")).toBe(Math.ceil(Math.max(1.5 * validation!.epochs, 500 / 3)));
    const test = waves(60, 1.3);
    const { accuracy, confusion, classes } = await evaluateClassifier(model, test);
    expect(accuracy).toBeGreaterThan(0.8);
    expect(classes!.map(({ name, support }) => [name, support])).toEqual([
      ["slow", 30],
      ["fast", 30],
    ]);
    const found = await classify(await load(save(model)), test);
    const right = found.filter(({ label }, i) => label === test.sequences[i]!.label).length;
    expect(right).toBe(confusion![0]![0]! + confusion![1]![1]!);
    for (const { probabilities, label } of found)
      expect(probabilities[label === "slow" ? 0 : 1]).toBe(Math.max(...probabilities));
  });

  test("trains for as long as is said, can be awaited, and resumes exactly", async () => {
    const data = waves(12, 0.7);
    const run = async (...lengths: number[]) => {
      let model = await createClassifier(data, SMALL);
      for (const [i, epochs] of lengths.entries()) {
        if (i > 0) model = (await load(save(model), { backend: "simd" })) as typeof model;
        const schedule = i === 0 ? ({ schedule: "constant" } as const) : { resume: true };
        const last = await trainClassifier(model, data, { epochs, threads: 1, ...schedule });
        expect([last.epoch, last.phase, last.stopReason]).toEqual([epochs, "training", "epochs"]);
      }
      return model.tensor("linear.weight");
    };
    expect(await run(2, 5)).toEqual(await run(5));
    const model = await createClassifier(data, SMALL);
    await trainClassifier(model, data, { epochs: 1 });
    expect((await trainClassifier(model, data, { resume: true })).stopReason).toBe("epochs");
    expect(getClassifier(model).validation).toBeUndefined();
  });

  test("makes do with a handful of sequences", async () => {
    const data = waves(6, 0.7);
    const model = await createClassifier(data, SMALL);
    await trainClassifier(model, data, { threads: 1, patience: 3 });
    expect(getClassifier(model).validation!.sequences).toBe(1);
    expect((await evaluateClassifier(model, data)).accuracy).toBe(1);
    const two = { ...data, sequences: data.sequences.slice(0, 2) };
    await expect(trainClassifier(model, two)).rejects.toThrow(
      "validationFraction: expected a fraction of the 2 sequences",
    );
  });

  test("refuses what it cannot read", async () => {
    const data = waves(4, 0.7);
    const model = await createClassifier(data, SMALL);
    const [first] = data.sequences;
    const other = (change: object) => ({ ...data, sequences: [{ ...first!, ...change }] });
    await expect(evaluateClassifier(model, other({ label: undefined }))).rejects.toThrow(
      '"wave 0": its class is missing',
    );
    await expect(evaluateClassifier(model, other({ label: "odd" }))).rejects.toThrow(
      'the model does not know the class "odd": it knows',
    );
    await expect(classify(model, { ...data, dimensions: ["height"] })).rejects.toThrow(
      "expected sequences of 2 dimensions",
    );
    await expect(classify(model, other({ values: [1, 2, 3] }))).rejects.toThrow(
      "a positive multiple of 2 numbers, got 3",
    );
    await expect(
      classify(
        model,
        other({
          values: [
            [1, 2],
            [3, 4],
          ],
        }),
      ),
    ).rejects.toThrow("expected its values in one array, step by step: values.flat() gives that");
    await expect(createClassifier({ ...data, classes: ["slow"] })).rejects.toThrow("two classes or more, got one");
    const plain = await createModel({ inputSize: 2, backend: "javascript", hiddenSize: 2 });
    await expect(classify(plain, data)).rejects.toThrow("this model is not a classifier of sequences");
    for (const description of [
      "{",
      "7",
      '{"dimensions":["a"]}',
      '{"dimensions":["a","b"],"mean":[1,2],"deviation":[0,1]}',
    ]) {
      plain.attributes.set("classifier", description);
      await expect(classify(plain, data)).rejects.toThrow(InputError);
    }
  });
});

describe("a table", () => {
  const long = "id,t,x,y,class\na,0,1,10,up\nb,0,5,50,down\na,1,2,20,up\n";

  test("with a row per step is grouped by id", () => {
    const { dimensions, classes, sequences } = readLabeledCsv(long, { id: "id", label: "class", columns: ["x", "y"] });
    expect({ dimensions, classes }).toEqual({ dimensions: ["x", "y"], classes: ["down", "up"] });
    expect(sequences).toEqual([
      { id: "a", values: Float64Array.of(1, 10, 2, 20), label: "up" },
      { id: "b", values: Float64Array.of(5, 50), label: "down" },
    ]);
    expect(readLabeledCsv(long, { id: "id", label: "class" }).dimensions).toEqual(["t", "x", "y"]);
  });

  test("with a row per sequence has its steps as columns, and shorter rows", () => {
    const wide = "class,s1,s2,s3\n10,1,2,3\n9,4,5,\n10,6,,8\n";
    expect(() => readLabeledCsv(wide, { label: "class" })).toThrow('line 4, column "s2": expected a number, got ""');
    const { dimensions, classes, sequences, notes } = readLabeledCsv(wide, { label: "class", missing: "interpolate" });
    expect({ dimensions, classes, notes }).toEqual({
      dimensions: ["1"],
      classes: ["9", "10"],
      notes: ["filled in 1 missing value"],
    });
    const read = (all: typeof sequences) => all.map(({ values, label }) => [[...(values as Float64Array)], label]);
    expect(read(sequences)).toEqual([
      [[1, 2, 3], "10"],
      [[4, 5], "9"],
      [[6, 7, 8], "10"],
    ]);
    const zeros = readLabeledCsv(wide, { label: "class", missingAsZero: "s2" });
    expect(read(zeros.sequences).at(-1)).toEqual([[6, 0, 8], "10"]);
    expect(() => readLabeledCsv(wide, { label: "class", missingAsZero: "s4" })).toThrow(OptionError);
  });

  test("may lack the labels, or be a single sequence", () => {
    expect(readLabeledCsv(long, { id: "id", columns: ["x"] }).sequences.map(({ label }) => label)).toEqual([
      undefined,
      undefined,
    ]);
    const [whole] = readLabeledCsv(long, { isWhole: true, columns: ["x"] }).sequences;
    expect(whole!.values).toEqual(Float64Array.of(1, 5, 2));
  });

  test.each<[what: string, text: string, options: object, message: string]>([
    [
      "a sequence of two classes",
      "id,x,c\na,1,up\na,2,down\n",
      { id: "id", label: "c" },
      'line 3, column "c": expected "up", as in line 2',
    ],
    ["an unknown column", long, { id: "id", label: "klass" }, 'no column "klass"'],
    ["no numbers", "a,b\nx,y\n", { label: "b" }, "expected columns of numbers"],
    ["a row without numbers", "c,x\nup,1\ndown,NA\n", { label: "c" }, "line 3: expected numbers, got none"],
  ])("is refused with %s", (_, text, options, message) => {
    expect(() => readLabeledCsv(text, options)).toThrow(InputError);
    expect(() => readLabeledCsv(text, options)).toThrow(message);
  });

  test("is refused with an unknown option", () => {
    expect(() => readLabeledCsv(long, { lable: "c" } as never)).toThrow(OptionError);
  });
});
