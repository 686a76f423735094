import { describe, expect, test } from "vitest";
import { InputError, LstmError } from "../../src/index.js";
import { type CellOptions, createCell, type LstmCell } from "../../src/inspect.js";
import { BACKENDS } from "../backends.js";
import { jsonFixture } from "../bytes.js";
import { Random } from "../internals/common.js";
import { FLOAT32_TOLERANCE, normals, relativeError } from "../kernels/tensors.js";
import { randomParameters } from "../network/passes.js";
import { backward, forward, type Tensors } from "../reference.js";

/** A file made by test/fixtures/lstm_cell.py; its docstring tells the shapes. */
interface Fixture {
  sizes: { I: number; H: number; N: number };
  parameters: Record<string, number[]>;
  h_0: number[];
  c_0: number[];
  dH_n: number[];
  dC_n: number[];
  steps: Record<"x" | "dY" | "y" | "h" | "c" | "dX" | "dH" | "dC", number[]>[];
  gradients: Record<string, number[]>;
}

const fixture = await jsonFixture<Fixture>("lstm-cell.json");

/** Every width with its filling of zero to three, and as many kinds of rest. */
const SIZES = [
  { inputSize: 1, hiddenSize: 1, outputSize: 1 },
  { inputSize: 2, hiddenSize: 3, outputSize: 5 },
  { inputSize: 3, hiddenSize: 8, outputSize: 2 },
  { inputSize: 5, hiddenSize: 17, outputSize: 4 },
  { inputSize: 8, hiddenSize: 4, outputSize: 3 },
];

async function cellOf(options: CellOptions, parameters: Record<string, ArrayLike<number>>): Promise<LstmCell> {
  const cell = await createCell(options);
  for (const [name, values] of Object.entries(parameters)) cell.model.setTensor(name, values);
  return cell;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, name: string) {
  expect(relativeError(actual, expected), name).toBeLessThan(FLOAT32_TOLERANCE);
}

describe.each(BACKENDS)("%s", (backend) => {
  test("gives what torch.nn.LSTMCell and torch.nn.Linear give in a chain of three steps", async () => {
    const { sizes, parameters, steps, gradients, h_0, c_0, dH_n, dC_n } = fixture;
    const options = { inputSize: sizes.I, hiddenSize: sizes.H, outputSize: sizes.N, backend };
    const cell = await cellOf(options, parameters);
    let state: { h: ArrayLike<number>; c: ArrayLike<number> } = { h: h_0, c: c_0 };
    for (const [t, step] of steps.entries()) {
      const output = cell.forward(step.x, state.h, state.c);
      for (const name of ["y", "h", "c"] as const) expectClose(output[name], step[name], `${name} of step ${t}`);
      state = output;
    }
    let d: { dH: ArrayLike<number>; dC: ArrayLike<number> } = { dH: dH_n, dC: dC_n };
    for (const [t, step] of [...steps.entries()].reverse()) {
      const back = cell.backward(step.dY, d.dH, d.dC);
      for (const name of ["dX", "dH", "dC"] as const) expectClose(back[name], step[name], `${name} of step ${t}`);
      d = back;
    }
    for (const [name, values] of Object.entries(gradients)) expectClose(cell.gradient(name), values, name);
  });

  test.each(SIZES)("agrees with the reference, I $inputSize, H $hiddenSize, N $outputSize", async (shape) => {
    const { inputSize: I, hiddenSize: H, outputSize: V } = shape;
    const sizes = { T: 4, B: 1, I, H, V, layers: 1 };
    const random = new Random(1);
    const parameters = randomParameters(random, { vocabularySize: 0, layers: 1, ...shape });
    const x = normals(random, sizes.T * I);
    const dY = normals(random, sizes.T * V);
    const [h0, c0, dhFinal, dcFinal] = [0, 1, 2, 3].map(() => normals(random, H)) as [Tensors[0], ...Tensors[0][]];
    const pass = forward(parameters, sizes, x, h0, c0!);
    const expected = backward(parameters, sizes, pass, dY, dhFinal!, dcFinal!);

    const cell = await cellOf({ ...shape, backend }, parameters);
    let [h, c]: ArrayLike<number>[] = [h0, c0!];
    for (let t = 0; t < sizes.T; t++) {
      const output = cell.forward(x.subarray(t * I, (t + 1) * I), h!, c!);
      expectClose(output.y, pass.scores.subarray(t * V, (t + 1) * V), `y of step ${t}`);
      [h, c] = [output.h, output.c];
    }
    expectClose(h!, pass.hFinal, "h");
    expectClose(c!, pass.cFinal, "c");
    let [dH, dC]: ArrayLike<number>[] = [dhFinal!, dcFinal!];
    for (let t = sizes.T - 1; t >= 0; t--) {
      const back = cell.backward(dY.subarray(t * V, (t + 1) * V), dH!, dC!);
      expectClose(back.dX, expected.x.subarray(t * I, (t + 1) * I), `dX of step ${t}`);
      [dH, dC] = [back.dH, back.dC];
    }
    expectClose(dH!, expected.h0, "dH");
    expectClose(dC!, expected.c0, "dC");
    for (const [name, values] of Object.entries(expected.parameters)) expectClose(cell.gradient(name), values, name);
  });

  test("an update subtracts learning rate times gradient and resets the gradients", async () => {
    const cell = await small(backend);
    const before = tensors(cell, (name) => cell.model.tensor(name));
    step(cell);
    const gradients = tensors(cell, (name) => cell.gradient(name));
    cell.updateParameters(0.1);
    for (const [name, values] of before) {
      const expected = values.map((value, i) => value - 0.1 * gradients.get(name)![i]!);
      expectClose(cell.model.tensor(name), expected, name);
      expect(cell.gradient(name).every((d) => d === 0)).toBe(true);
    }
  });
});

const SHAPE = { inputSize: 2, hiddenSize: 3, outputSize: 1 };
const small = (backend: CellOptions["backend"] = "simd") => createCell({ ...SHAPE, initStd: 0.5, backend });

const zero = [0, 0, 0];

function step(cell: LstmCell, x = [1, -2]) {
  cell.forward(x, [0.1, 0.2, 0.3], [0.4, 0.5, 0.6]);
  return cell.backward([1], zero, zero);
}

const tensors = (cell: LstmCell, read: (name: string) => Float32Array) =>
  new Map(cell.model.tensors.map(({ name }) => [name, read(name)]));

test("the parameters' gradients accumulate", async () => {
  const cell = await small();
  step(cell);
  const once = tensors(cell, (name) => cell.gradient(name));
  step(cell);
  for (const [name, values] of once) expect(cell.gradient(name)).toEqual(values.map((d) => 2 * d));
});

test("steps are backpropagated last in, first out", async () => {
  const cell = await small();
  const xs = [
    [1, 2],
    [-3, 4],
    [0.5, 0],
  ];
  const alone = xs.map((x) => step(cell, x));
  for (const x of xs) cell.forward(x, [0.1, 0.2, 0.3], [0.4, 0.5, 0.6]);
  for (const expected of alone.reverse()) expect(cell.backward([1], zero, zero)).toEqual(expected);
});

test("a step is backpropagated from its original inputs, even if those arrays have changed", async () => {
  const cell = await small();
  const expected = step(cell);
  const [x, h, c] = [
    [1, -2],
    [0.1, 0.2, 0.3],
    [0.4, 0.5, 0.6],
  ];
  cell.forward(x!, h!, c!);
  for (const array of [x!, h!, c!]) array.fill(7);
  expect(cell.backward([1], zero, zero)).toEqual(expected);
});

test("it learns: the output becomes the sum of the inputs", async () => {
  const cell = await createCell({ ...SHAPE, hiddenSize: 8, initStd: 0.3 });
  const random = new Random(1);
  const none = new Float32Array(8);
  let error = 1;
  for (let round = 0; round < 1500; round++) {
    const x = [random.uniform(), random.uniform()];
    const { y } = cell.forward(x, none, none);
    const d = y[0]! - (x[0]! + x[1]!);
    cell.backward([2 * d], none, none);
    cell.updateParameters(0.1);
    error = 0.99 * error + 0.01 * d * d;
  }
  expect(error).toBeLessThan(0.01);
});

test("parameters start normal with standard deviation 0.01 and biases 0, by the seed", async () => {
  const options = { inputSize: 10, hiddenSize: 50, outputSize: 10 };
  const [one, same, other] = [
    await createCell(options),
    await createCell(options),
    await createCell({ ...options, seed: 2 }),
  ];
  const weights = (cell: LstmCell) => cell.model.tensor("lstm.weight_hh_l0");
  expect(weights(one!)).toEqual(weights(same!));
  expect(weights(one!)).not.toEqual(weights(other!));
  const deviation = Math.hypot(...weights(one!)) / Math.sqrt(weights(one!).length);
  // 10 000 draws: the deviation's own standard error is 0.7 %.
  expect(Math.abs(deviation / 0.01 - 1)).toBeLessThan(0.03);
  expect(one!.model.tensor("lstm.bias_ih_l0").every((bias) => bias === 0)).toBe(true);
});

describe("refusals", () => {
  const wrong: [string, number[], number[], number[], string][] = [
    ["a short x", [1], zero, zero, "x: expected 2 numbers, got 1"],
    ["a long h", [1, 2], [0, 0, 0, 0], zero, "h: expected 3 numbers, got 4"],
    ["an empty c", [1, 2], zero, [], "c: expected 3 numbers, got 0"],
    ["NaN in x", [1, Number.NaN], zero, zero, "x[1]: expected a finite number, got NaN"],
    ["infinity in c", [1, 2], zero, [0, 0, Number.POSITIVE_INFINITY], "c[2]: expected a finite number, got Infinity"],
  ];
  test.each(wrong)("%s, without taking the step", async (_, x, h, c, message) => {
    const cell = await small();
    expect(() => cell.forward(x, h, c)).toThrow(InputError);
    expect(() => cell.forward(x, h, c)).toThrow(message);
    expect(() => cell.backward([1], zero, zero)).toThrow("no step left");
  });

  const wrongBack: [string, number[], number[], number[], string][] = [
    ["a long dY", [1, 2], zero, zero, "dY: expected 1 numbers, got 2"],
    ["a short dH", [1], [0], zero, "dH: expected 3 numbers, got 1"],
    ["NaN in dC", [1], zero, [Number.NaN, 0, 0], "dC[0]: expected a finite number, got NaN"],
  ];
  test.each(wrongBack)("%s, and the step can still be backpropagated", async (_, dY, dH, dC, message) => {
    const cell = await small();
    cell.forward([1, 2], zero, zero);
    expect(() => cell.backward(dY, dH, dC)).toThrow(InputError);
    expect(() => cell.backward(dY, dH, dC)).toThrow(message);
    expect(cell.backward([1], zero, zero).dX).toHaveLength(2);
  });

  test("one backward too many", async () => {
    const cell = await small();
    step(cell);
    expect(() => cell.backward([1], zero, zero)).toThrow(LstmError);
  });

  test("a cell that was freed", async () => {
    const cell = await small();
    cell.free();
    expect(() => cell.forward([1, 2], zero, zero)).toThrow("was freed");
  });
});

test("steps for inference only can be discarded, and an update discards pending steps", async () => {
  const cell = await createCell({ inputSize: 1, hiddenSize: 2, outputSize: 1 });
  const step = () => cell.forward([1], [0, 0], [0, 0]);
  const back = () => cell.backward([1], [0, 0], [0, 0]);
  step();
  cell.discardSteps();
  expect(back).toThrow("no step left");
  step();
  cell.updateParameters(0.1);
  expect(back).toThrow("no step left");
  await expect(createCell({ inputSize: 1, hiddenSize: 2, outputSize: 1, layers: 2 } as never)).rejects.toThrow(
    "layers",
  );
});
