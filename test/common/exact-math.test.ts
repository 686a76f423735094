import { describe, expect, test } from "vitest";
import { cosPi, exponential, integerPower, naturalLogarithm, Random } from "../internals/common.js";
import type { Kernels } from "../internals/kernels.js";
import { adam, learningRateAt, type ScheduleConfig } from "../internals/optim.js";
import { settleTraining } from "../internals/training.js";

// Compared with the engine's functions, within the errors of both, and with fixed bits, the same in all engines.

describe("naturalLogarithm", () => {
  /** Ours errs by up to two units in the last place, engines by one. */
  const TOLERANCE = 4 * Number.EPSILON;

  test.each([
    ["near 1", 0.999, 1.001],
    ["from 0 to 1", Number.MIN_VALUE, 1],
    ["beyond", 1, 1e6],
  ])("is that of the engine, %s", (_, low, high) => {
    const random = new Random(1);
    let worst = 0;
    for (let i = 0; i < 20_000; i++) {
      const x = low + (high - low) * random.uniform();
      worst = Math.max(worst, Math.abs(naturalLogarithm(x) - Math.log(x)) / Math.abs(Math.log(x)));
    }
    expect(worst).toBeLessThanOrEqual(TOLERANCE);
  });

  test("is that of the engine for every power of two, subnormal ones too", () => {
    for (let x = Number.MIN_VALUE; Number.isFinite(x); x *= 2)
      expect(Math.abs(naturalLogarithm(x) - Math.log(x))).toBeLessThanOrEqual(TOLERANCE * Math.abs(Math.log(x)));
  });

  test("returns NaN and infinity as they are", () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY].map(naturalLogarithm)).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
  });

  test("has the same bits everywhere", () => {
    expect([1, Math.E, 3, 7.5, 0.3, 112, Number.MIN_VALUE, Number.MAX_VALUE].map(naturalLogarithm)).toEqual([
      0, 1, 1.0986122886681098, 2.0149030205422647, -1.2039728043259361, 4.718498871295094, -744.4400719213812,
      709.782712893384,
    ]);
  });
});

describe("cosPi", () => {
  test("is the engine's cosine of πx", () => {
    let worst = 0;
    for (let i = 0; i <= 10_000; i++)
      worst = Math.max(worst, Math.abs(cosPi(i / 10_000) - Math.cos((Math.PI * i) / 10_000)));
    expect(worst).toBeLessThan(1e-15);
  });

  test("is exact at multiples of a half, and has the same bits everywhere", () => {
    expect([0, 0.5, 1].map(cosPi)).toEqual([1, 0, -1]);
    expect([0.1, 0.3, 0.4, 0.9].map(cosPi)).toEqual([
      0.9510565162951535, 0.5877852522924731, 0.30901699437494734, -0.9510565162951536,
    ]);
  });
});

describe("integerPower", () => {
  test("is the engine's power, apart from the rounding of its factors", () => {
    for (const base of [0.5, 0.9, 0.97, 0.999, 1.5])
      for (let n = 0; n < 1000; n++)
        expect(Math.abs(integerPower(base, n) / base ** n - 1)).toBeLessThan((n + 1) * Number.EPSILON);
  });

  test("has the same bits everywhere", () => {
    expect([0, 1, 2, 3, 4, 100].map((n) => integerPower(0.9, n))).toEqual([
      1, 0.9, 0.81, 0.7290000000000001, 0.6561000000000001, 0.000026561398887587605,
    ]);
    expect([1e9, 2 ** 40 + 1].map((n) => integerPower(0.999999, n))).toEqual([0, 0]);
  });
});

describe("exponential", () => {
  test("is that of the engine", () => {
    const random = new Random(1);
    for (const range of [1e-3, 1, 30, 708])
      for (let i = 0; i < 5000; i++) {
        const x = range * (2 * random.uniform() - 1);
        expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(4 * Number.EPSILON);
      }
  });

  test("ends where float64 does, and has the same bits everywhere", () => {
    expect([0, -1e9, 1e9, 709.7, -707.9].map(exponential)).toEqual([
      1,
      0,
      Number.POSITIVE_INFINITY,
      1.6549840276802644e308,
      3.655411389615008e-308,
    ]);
    expect(exponential(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(exponential(Number.NaN)).toBeNaN();
  });
});

test("Adam's corrections have the same bits everywhere", () => {
  const corrections: number[] = [];
  const kernels = { adam: (...args: number[]) => corrections.push(...args.slice(10, 12)) } as unknown as Kernels;
  const addresses = { parameters: 0, previous: 0, gradients: 0, state: [0, 0], length: 4 };
  const hyperparameters = settleTraining({ optimizer: "adam" });
  for (const step of [1, 4, 1000])
    adam.update(kernels, addresses, { step, learningRate: 0.1, gradientScale: 1 }, hyperparameters);
  expect(corrections).toEqual([
    0.09999999999999998, 0.0010000000000000009, 0.3438999999999999, 0.003994003998999962, 1, 0.632304575229033,
  ]);
});

test("schedules have the same bits everywhere", () => {
  const config: ScheduleConfig = {
    schedule: "cosine",
    learningRate: 0.1,
    warmupSteps: 0,
    decayRate: 0.97,
    decayEpochs: 1,
    minLearningRate: 0.02,
    scheduleEpochs: 10,
  };
  const rates = (schedule: ScheduleConfig["schedule"]) =>
    [1, 37, 99].map((step) => learningRateAt({ ...config, schedule }, step, 10));
  expect(rates("cosine")).toEqual([0.09998026241462928, 0.07588591562539122, 0.020019737585370737]);
  expect(rates("step")).toEqual([0.1, 0.0912673, 0.07602310586545652]);
});
