import { describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  DivergenceError,
  generate,
  generateSamples,
  InputError,
  LstmError,
  load,
  type Model,
  OptionError,
  predict,
  save,
  train,
} from "../../src/index.js";
import { gradients } from "../../src/inspect.js";
import { createStream, type StreamSnapshot } from "../../src/stream.js";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { FLOAT32_TOLERANCE, integers, normals, relativeError } from "../kernels/tensors.js";

const vocabulary = characters("abcdefg");
const INPUT = 3;

/** Parameters large enough to have opinions; widths that are filled up to multiples of four. */
const SHAPE = { hiddenSize: 5, layers: 2, initialization: "normal", initStd: 0.7 } as const;
type Options = Parameters<typeof createModel>[0];
const KINDS: Record<string, Options> = {
  tokens: { ...SHAPE, vocabulary },
  "embedded tokens": { ...SHAPE, vocabulary, embeddingSize: 3 },
  classes: { ...SHAPE, vocabulary, classes: ["x", "y", "z"] },
  vectors: { ...SHAPE, inputSize: INPUT, outputSize: 2 },
  "vectors, no head": { ...SHAPE, inputSize: INPUT, head: "none" },
  "vectors, the last output": { ...SHAPE, inputSize: INPUT, outputSize: 2, returnSequences: false },
};

/** A sequence that a model reads: tokens, or vectors, one after another. */
const sequence = (model: Model, seed: number, T: number): Int32Array | Float32Array =>
  model.reads === "tokens"
    ? integers(new Random(seed), T, 0, 6)
    : Float32Array.from(normals(new Random(seed), T * INPUT));

/** Its steps, as `step` takes them. */
const stepsOf = (model: Model, inputs: Int32Array | Float32Array): (number | Float32Array)[] =>
  inputs instanceof Int32Array
    ? [...inputs]
    : Array.from({ length: inputs.length / model.input.size }, (_, t) =>
        inputs.subarray(t * model.input.size, (t + 1) * model.input.size),
      );

/** What predict has after each of the steps. */
function predicted(model: Model, inputs: Int32Array | Float32Array): Float32Array[] {
  const { size } = model.output;
  const width = model.reads === "tokens" ? 1 : model.input.size;
  return Array.from({ length: inputs.length / width }, (_, t) =>
    predict(model, inputs.subarray(0, (t + 1) * width)).slice(-size),
  );
}

describe.each(BACKENDS)("%s", (backend) => {
  test.each(Object.keys(KINDS))("%s: each step has what predict has for the whole up to there", async (kind) => {
    const model = await createModel({ ...KINDS[kind], backend } as Options);
    const stream = createStream(model);
    for (const seed of [1, 2]) {
      const inputs = sequence(model, seed, 12);
      const expected = predicted(model, inputs);
      for (const [t, input] of stepsOf(model, inputs).entries()) {
        const outputs = stream.step(input);
        expect(relativeError(outputs, expected[t]!)).toBeLessThan(1e-6);
        // The order of additions is the same however many steps and rows there are.
        if (backend === "simd") expect(outputs).toEqual(expected[t]);
      }
      stream.reset();
    }
    model.free();
  });

  test.each(Object.keys(KINDS))("%s: rows that come and go have the bits that each has alone", async (kind) => {
    const model = await createModel({ ...KINDS[kind], backend } as Options);
    const batch = createStream(model, { batch: 9 });
    const alone = Array.from({ length: 9 }, () => createStream(model));
    const random = new Random(3);
    for (let round = 0; round < 30; round++) {
      const rows = Array.from({ length: 9 }, (_, row) => row).filter(() => random.uniform() < 0.4);
      if (round % 2 === 1) rows.reverse();
      const inputs = rows.map((_, i) => stepsOf(model, sequence(model, round * 10 + i, 1))[0]!);
      const outputs = batch.step(inputs as number[], rows);
      for (const [i, row] of rows.entries()) {
        const expected = alone[row]!.step(inputs[i]!);
        expect(relativeError(outputs[row]!, expected)).toBeLessThan(FLOAT32_TOLERANCE);
        if (backend === "simd") expect(outputs[row]).toEqual(expected);
      }
      const left = Math.floor(random.uniform() * 9);
      batch.reset(left);
      alone[left]!.reset();
    }
    model.free();
  });
});

describe("side by side", () => {
  test("all rows at once, vectors nested or concatenated, without those that stand still", async () => {
    const model = await createModel({ ...SHAPE, inputSize: INPUT, backend: "simd" });
    const [nested, flat] = [createStream(model, { batch: 4 }), createStream(model, { batch: 4 })];
    for (let t = 0; t < 5; t++) {
      const inputs = sequence(model, t, 4);
      const outputs = nested.step(stepsOf(model, inputs) as Float32Array[]);
      expect(flat.step(inputs)).toEqual(outputs);
    }
    const before = flat.step(sequence(model, 9, 1), [2]).map((row) => row.slice());
    expect(flat.step([], [])).toEqual(before);
    const after = flat.step(sequence(model, 10, 2), [3, 0]);
    expect(after[1]).toEqual(before[1]);
    expect(after[2]).toEqual(before[2]);
    expect(after[3]).not.toEqual(before[3]);
    model.free();
  });

  test("a user moves from a stream to a row, to another row, to another model of the same sizes", async () => {
    const model = await createModel({ ...SHAPE, vocabulary, backend: "simd" });
    const other = await createModel({ ...SHAPE, vocabulary, backend: "simd" });
    const tokens = integers(new Random(1), 8, 0, 6);
    const expected = predicted(model, tokens);
    const stream = createStream(model);
    const batch = createStream(model, { batch: 3 });
    const far = createStream(other, { batch: 2 });
    for (const token of tokens.subarray(0, 2)) stream.step(token);
    batch.restore(stream.snapshot(), 2);
    expect(batch.step([tokens[2]!], [2])[2]).toEqual(expected[2]);
    batch.restore(batch.snapshot(2), 0);
    expect(batch.step([tokens[3]!], [0])[0]).toEqual(expected[3]);
    far.restore(batch.snapshot(0), 1);
    expect(far.step([tokens[4]!], [1])[1]).toEqual(expected[4]);
    batch.reset();
    expect(batch.step([tokens[0]!], [0])[0]).toEqual(expected[0]);
    model.free();
    other.free();
  });

  test("rows that do not exist or come twice are refused, and so are other numbers of inputs", async () => {
    const model = await createModel({ ...SHAPE, inputSize: INPUT });
    const batch = createStream(model, { batch: 3 });
    const x = [1, 2, 3];
    const wrong: [unknown, unknown, string][] = [
      [[x], [3], "row: expected an integer from 0 to 2, got 3"],
      [[x], [-1], "row: expected an integer from 0 to 2, got -1"],
      [[x], [0.5], "row: expected an integer from 0 to 2, got 0.5"],
      [[x], ["0"], 'row: expected an integer from 0 to 2, got "0"'],
      [[x], [undefined], "row: expected an integer from 0 to 2, got undefined"],
      [[x, x], [1, 1], "rows: expected each at most once, got 1 twice"],
      [[x, x, x, x], [0, 1, 2, 0], "rows: expected at most 3, got 4"],
      [[x], 1, "rows: expected an array of indices, got 1"],
      [[x], null, "rows: expected an array of indices, got null"],
      [[x, x], [0], "inputs: expected 1 vectors of 3 numbers, one for each row, got 2 of them"],
      [x, [0, 1], "inputs: expected 2 vectors of 3 numbers, one for each row, got 3 numbers"],
      [[x, [1, 2]], [0, 1], "inputs[1]: expected a vector of 3 numbers, got one of 2"],
      [[x, [1, 2, Number.NaN]], [0, 1], "inputs[1][2]: expected a finite number, got NaN"],
      [[...x, 1, 2, 1e39], [0, 1], "inputs[5]: expected a finite number, got 1e+39"],
      ["abc", [0], "inputs: expected an array with a vector for each row"],
      [undefined, [0], "inputs: expected an array with a vector for each row"],
    ];
    const before = batch.snapshot(0);
    for (const [inputs, rows, message] of wrong) {
      const step = () => batch.step(inputs as number[], rows as number[]);
      expect(step, message).toThrow(InputError);
      expect(step).toThrow(message);
    }
    expect(batch.snapshot(0)).toEqual(before);
    for (const row of [3, -1, "1", null] as number[]) {
      expect(() => batch.reset(row)).toThrow(InputError);
      expect(() => batch.snapshot(row)).toThrow(InputError);
      expect(() => batch.restore(before, row)).toThrow(InputError);
    }
    expect(() => batch.snapshot(undefined as unknown as number)).toThrow(InputError);
    for (const options of [{ batch: 0 }, { batch: 1.5 }, { batch: 70_000 }, { rows: 3 }, null])
      expect(() => createStream(model, options as { batch: number })).toThrow(OptionError);
    model.free();
  });
});

test("a hundred streams, interleaved while the model is trained and generates, have what each has alone", async () => {
  const text = "abcdefg".repeat(20);
  const model = await createModel({ ...SHAPE, vocabulary, backend: "simd" });
  const tokens = Array.from({ length: 100 }, (_, i) => integers(new Random(i), 10, 0, 6));
  const expected = tokens.map((each) => predicted(model, each));
  const streams = tokens.map(() => createStream(model));
  const writer = generate(model, { prompt: "a", maxTokens: 1000, seed: 2 });
  const alone: string[] = [];
  for await (const piece of generate(model, { prompt: "a", maxTokens: 10, seed: 2 })) alone.push(piece);
  // Its memory is taken and its steps are computed, while the parameters stay.
  const training = train(model, text, { epochs: 1000, learningRate: 1e-30, weightDecay: 0, batchSize: 4 });
  for (let t = 0; t < 10; t++) {
    await training.next();
    expect((await writer.next()).value).toBe(alone[t]);
    for (const [i, stream] of streams.entries()) expect(stream.step(tokens[i]![t]!)).toEqual(expected[i]![t]);
  }
  await training.return();
  model.free();
});

test("steps between, and in the midst of, a training's steps leave it the bits that it has alone", async () => {
  const text = "abcdefg".repeat(40);
  const options = { epochs: 40, batchSize: 16, sequenceLength: 8, gradientShards: 4, learningRate: 0.01, threads: 2 };
  const run = async (meanwhile: (model: Model) => () => void) => {
    const model = await createModel({ ...SHAPE, vocabulary, backend: "simd" });
    const step = meanwhile(model);
    let isDone = false;
    const steps = (async () => {
      while (!isDone) {
        step();
        await new Promise((resolve) => setTimeout(resolve));
      }
    })();
    for await (const _ of train(model, text, options)) step();
    isDone = true;
    await steps;
    const parameters = model.tensors.map(({ name }) => model.tensor(name));
    model.free();
    return parameters;
  };
  let steps = 0;
  const watched = await run((model) => {
    const stream = createStream(model);
    const batch = createStream(model, { batch: 20 });
    return () => {
      stream.step(steps++ % 7);
      batch.step([1, 2, 3], [19, steps % 18, 18]);
    };
  });
  expect(steps).toBeGreaterThan(40);
  expect(watched).toEqual(await run(() => () => {}));
});

test("a stream reads on with the parameters of the moment", async () => {
  const model = await createModel({ ...SHAPE, vocabulary, backend: "simd" });
  const stream = createStream(model);
  stream.step(1);
  const state = stream.snapshot();
  const before = stream.step(2).slice();
  model.setTensor("linear.bias", [9, 0, 0, 0, 0, 0, 0]);
  stream.restore(state);
  const after = stream.step(2);
  expect(after[0]).toBeGreaterThan(before[0]!);
  model.free();
});

test("rows side by side read on with the parameters of the moment, whoever changed them", async () => {
  const text = "abcdefg".repeat(20);
  const options = { ...SHAPE, vocabulary, embeddingSize: 3, backend: "simd" } as const;
  const model = await createModel(options);
  const batch = createStream(model, { batch: 5 });
  const alone = Array.from({ length: 5 }, () => createStream(model));
  /** Whether the rows, which read packed weights, have what each has alone, and it is news. */
  const check = (what: string, isNews = true) => {
    batch.reset();
    for (const stream of alone) stream.reset();
    for (let t = 0; t < 3; t++) {
      const tokens = alone.map((_, row) => (row + t) % 7);
      const outputs = batch.step(tokens);
      for (const [row, stream] of alone.entries()) expect(stream.step(tokens[row]!), what).toEqual(outputs[row]);
      if (t < 2) continue;
      if (isNews) expect(outputs[0], what).not.toEqual(last);
      last = outputs[0]!.slice();
    }
  };
  let last: Float32Array | undefined;
  check("at first");
  for (const { name } of model.tensors) {
    model.setTensor(
      name,
      model.tensor(name).map((value, i) => value + (i % 3) / 10),
    );
    check(name);
  }
  const trained = { epochs: 3, batchSize: 4, learningRate: 0.05 };
  for await (const _ of train(model, text, trained)) check("in training");
  check("after training", false);
  for await (const _ of train(model, text, { ...trained, epochs: 9, resume: true })) break;
  check("after a run that was left");
  const diverging = { ...trained, optimizer: "sgd", learningRate: 1e30 } as const;
  await expect(async () => {
    for await (const _ of train(model, text, diverging));
  }).rejects.toThrow(DivergenceError);
  check("after a run that diverged", false);
  await gradients(model, { inputs: [1, 2, 3], targets: [2, 3, 4] });
  check("after gradients", false);
  await generateSamples(model, { prompt: "a", maxTokens: 5, samples: 3 });
  predict(model, integers(new Random(1), 500, 0, 6));
  check("after larger passes", false);
  const other = await load(save(model), { backend: "simd" });
  const far = createStream(other, { batch: 5 });
  batch.reset();
  expect(far.step([0, 1, 2, 3, 4])).toEqual(batch.step([0, 1, 2, 3, 4]));
  model.free();
  other.free();
});

test("a step of all rows reads weights that were packed before", async () => {
  const model = await createModel({ ...SHAPE, inputSize: INPUT, backend: "simd" });
  const batch = createStream(model, { batch: 4 });
  const expected = createStream(model, { batch: 4 });
  const inputs = sequence(model, 1, 4);
  batch.step(inputs);
  batch.reset();
  // Past the model's own way of writing, which would have it packed again.
  const { engine } = model;
  engine.floats.fill(0, engine.parameters / 4, engine.parameters / 4 + engine.table.length);
  expect(batch.step(inputs)).not.toEqual(expected.step([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  for (const { name } of model.tensors) model.setTensor(name, model.tensor(name));
  batch.reset();
  expect(batch.step(inputs).every((outputs) => outputs.every((value) => value === 0))).toBe(true);
  model.free();
});

// 4 · 132 · 132 weights of h alone are more than 65 536 parameters, 4 · 320 · 320 more than 400 000.
const LARGE = BACKENDS.filter((backend) => backend !== "javascript").flatMap((backend) =>
  [132, 320].map((hiddenSize) => ({ backend, hiddenSize })),
);
test.each(LARGE)(
  "a single stream of $hiddenSize units on $backend reads packed weights, those of the moment",
  async (options) => {
    const { hiddenSize } = options;
    const model = await createModel({ ...options, vocabulary });
    const stream = createStream(model);
    expect(model.engine.isPacked).toBe(false);
    const tokens = Int32Array.of(1, 4, 2, 6);
    const compare = () => {
      stream.reset();
      const outputs = [...tokens].map((token) => stream.step(token).slice());
      expect(model.engine.isPacked).toBe(true);
      expect(outputs).toEqual(predicted(model, tokens));
    };
    compare();
    // Packed for several streams, they serve a single one too.
    const batch = createStream(model, { batch: 2 });
    batch.step([1, 4]);
    compare();
    model.setTensor("lstm.weight_hh_l0", new Float32Array(4 * hiddenSize ** 2).fill(0.01));
    compare();
    batch.reset();
    batch.step([1, 4]);
    expect(batch.step([2, 6])).toEqual(
      [
        [1, 2],
        [4, 6],
      ].map(([first, second]) => predicted(model, Int32Array.of(first!, second!)).at(-1)),
    );
    model.free();
  },
);

describe("snapshots", () => {
  test("go back to where they were taken, as they are or as a clone or JSON", async () => {
    const model = await createModel({ ...SHAPE, inputSize: INPUT, backend: "simd" });
    const stream = createStream(model);
    const steps = stepsOf(model, sequence(model, 1, 6)) as Float32Array[];
    for (const step of steps.slice(0, 3)) stream.step(step);
    const snapshot = stream.snapshot();
    expect([snapshot.h, snapshot.c].map(({ length }) => length)).toEqual([10, 10]);
    const further = () => steps.slice(3).map((step) => stream.step(step).slice());
    const expected = further();
    const copies = [snapshot, structuredClone(snapshot), JSON.parse(JSON.stringify(snapshot)) as StreamSnapshot];
    for (const copy of copies) {
      stream.restore(copy);
      expect(further()).toEqual(expected);
    }
    // Neither later steps nor restoring changes what was kept.
    stream.restore(snapshot);
    expect(stream.snapshot()).toEqual(snapshot);
    model.free();
  });

  test("have PyTorch's h_n and c_n: each layer's own", async () => {
    const model = await createModel({ ...SHAPE, inputSize: INPUT, backend: "simd" });
    const stream = createStream(model);
    stream.step([0.1, 0.2, 0.3]);
    const { h } = stream.snapshot();
    const outputs = stream.step([0.1, 0.2, 0.3]).slice();
    // y = W · h of the last layer + b
    const last = stream.snapshot().h.slice(5);
    const [w, b] = [model.tensor("linear.weight"), model.tensor("linear.bias")];
    const y = Array.from(outputs, (_, o) => last.reduce((sum, value, i) => sum + value * w[o * 5 + i]!, b[o]!));
    expect(relativeError(outputs, y)).toBeLessThan(FLOAT32_TOLERANCE);
    expect(h).not.toEqual(stream.snapshot().h);
    model.free();
  });

  test("of other sizes, or with numbers that are none, are refused and change nothing", async () => {
    const [model, other] = await Promise.all(
      [SHAPE, { ...SHAPE, hiddenSize: 10, layers: 1 }].map((shape) => createModel({ ...shape, inputSize: INPUT })),
    );
    const stream = createStream(model!);
    stream.step([1, 2, 3]);
    const state = stream.snapshot();
    const foreign = createStream(other!).snapshot();
    expect(foreign.h).toHaveLength(10); // as many numbers
    const wrong: [unknown, string][] = [
      [
        foreign,
        "expected a snapshot of a model with layers 2 and hiddenSize 5, got one with layers 1 and hiddenSize 10",
      ],
      [undefined, "got undefined"],
      [null, "got null"],
      [{}, "got an object"],
      [{ ...state, h: state.h.subarray(1) }, "snapshot, h: expected 10 numbers, got 9"],
      [{ ...state, c: undefined }, "snapshot, c: expected 10 numbers, got undefined"],
      [{ ...state, c: state.c.map((_, i) => (i === 3 ? Number.NaN : 0)) }, "snapshot, c[3]: expected a finite number"],
      [{ ...state, c: Array.from(state.c, String) }, "snapshot, c[0]: expected a finite number"],
    ];
    for (const [value, message] of wrong) {
      expect(() => stream.restore(value as StreamSnapshot)).toThrow(InputError);
      expect(() => stream.restore(value as StreamSnapshot)).toThrow(message);
    }
    expect(stream.snapshot()).toEqual(state);
    model!.free();
    other!.free();
  });
});

describe("refusals", () => {
  test.each([
    [{ vocabulary }, [7, -1, 0.5, Number.NaN, "a", undefined, [1]], "input: expected a token, an integer from 0 to 6"],
    [{ inputSize: 2 }, [[1], [1, 2, 3], 1, "ab", null, undefined], "input: expected a vector of 2 numbers"],
    [
      { inputSize: 2 },
      [
        [1, Number.NaN],
        [1, "2"],
        [1, undefined],
        [1, 1e39],
      ],
      "input[1]: expected a finite number",
    ],
    [{ inputSize: 1 }, [1], "input: expected a vector of 1 number, got 1"],
  ])("of a step of %o: %o", async (options, inputs: unknown[], message) => {
    const model = await createModel({ hiddenSize: 4, ...options } as Options);
    const stream = createStream(model);
    stream.step(model.reads === "tokens" ? 1 : new Array(model.input.size).fill(0.5));
    const state = stream.snapshot();
    for (const input of inputs) {
      expect(() => stream.step(input as number)).toThrow(InputError);
      expect(() => stream.step(input as number)).toThrow(message);
    }
    expect(stream.snapshot()).toEqual(state);
    model.free();
  });

  test("of what carries no state, of freed models, of what is no model", async () => {
    const windowed = await createModel({ vocabulary, hiddenSize: 4, window: 3 });
    expect(() => createStream(windowed)).toThrow(InputError);
    expect(() => createStream(windowed)).toThrow("windows of 3 steps");
    const bidirectional = await createModel({ inputSize: 1, hiddenSize: 4, bidirectional: true });
    expect(() => createStream(bidirectional, { batch: 2 })).toThrow(InputError);
    expect(() => createStream(bidirectional)).toThrow("from both ends");
    const model = await createModel({ vocabulary, hiddenSize: 4 });
    const stream = createStream(model);
    model.free();
    expect(() => stream.step(1)).toThrow(LstmError);
    expect(() => stream.step(1)).toThrow("freed");
    expect(() => createStream(model)).toThrow("freed");
    expect(() => createStream(createModel({ vocabulary }) as never)).toThrow("await createModel()");
  });

  test("numbers that overflow are an error, after which the stream is as before", async () => {
    const model = await createModel({ inputSize: 1, hiddenSize: 4, outputSize: 1, backend: "simd" });
    const stream = createStream(model);
    const outputs = stream.step([1]);
    const [state, value] = [stream.snapshot(), outputs[0]];
    const weight = model.tensor("linear.weight");
    model.setTensor("linear.weight", [3e38, 3e38, 3e38, 3e38]);
    model.setTensor("lstm.bias_ih_l0", new Float32Array(16).fill(9));
    expect(() => stream.step([1])).toThrow("outputs overflow");
    expect(stream.snapshot()).toEqual(state);
    expect(outputs[0]).toBe(value);
    model.setTensor("linear.weight", weight);
    expect(stream.step([1])[0]).toSatisfy(Number.isFinite);
    model.free();
  });
});
