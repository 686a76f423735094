import { describe, expect, test } from "vitest";
import { KERNEL_SETS } from "../kernels/instances.js";
import { Workspace } from "../kernels/workspace.js";

const SMALLEST_NORMAL = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;
/** Below this, products with coefficients are subnormal, and tanh x has the absolute error of the smallest of them. */
const TINY = 1e-35;

/** With the maximal relative errors that assembly/activations.ts states, and from where to where they hold. */
const FUNCTIONS = [
  { name: "exp", exact: Math.exp, tolerance: 2e-7, low: -87.3, high: 88.3 },
  { name: "sigmoid", exact: (x: number) => 1 / (1 + Math.exp(-x)), tolerance: 3e-7, low: -87.3, high: 88.3 },
  { name: "tanh", exact: Math.tanh, tolerance: 4e-7, low: -20, high: 20 },
] as const;
const LOG_TOLERANCE = 2e-7;

const SAMPLES = 50_000;

const joined = (...parts: ArrayLike<number>[]) => Float32Array.from(parts.flatMap((part) => Array.from(part)));

/** Float32 numbers evenly spaced from `low` to `high`. */
const evenly = (low: number, high: number) =>
  Float32Array.from({ length: SAMPLES }, (_, i) => low + ((high - low) * i) / (SAMPLES - 1));

/** Float32 numbers evenly spaced in their bits, so that each power of two from `low` to `high` gets as many. */
function everyMagnitude(low: number, high: number): Float32Array {
  const [first, last] = new Uint32Array(Float32Array.of(low, high).buffer) as unknown as [number, number];
  const bits = Uint32Array.from(
    { length: SAMPLES },
    (_, i) => first + Math.floor(((last - first) * i) / (SAMPLES - 1)),
  );
  return new Float32Array(bits.buffer);
}

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend, 1 << 21);

  function apply(name: "exp" | "sigmoid" | "tanh" | "log", values: ArrayLike<number>): Float32Array {
    space.clear();
    const x = space.floats(values);
    const out = space.output(x.length);
    space.run(name, [out], out, x, x.length);
    return out;
  }

  test.each(FUNCTIONS)("$name errs by at most $tolerance, relatively", ({ name, exact, tolerance, low, high }) => {
    const negative = everyMagnitude(TINY, -low).map((x) => -x);
    const x = joined([0, -0, low, high], evenly(low, high), everyMagnitude(TINY, high), negative);
    const y = apply(name, x);
    const worst = y.reduce((error, value, i) => {
      const expected = exact(x[i]!);
      return value === expected ? error : Math.max(error, Math.abs(value / expected - 1));
    }, 0);
    expect(worst).toBeLessThan(tolerance);
  });

  test("log errs by at most 2e-7, relatively or absolutely", () => {
    const x = joined(everyMagnitude(SMALLEST_NORMAL, LARGEST), evenly(0.5, 2), evenly(1, 1000));
    const y = apply("log", x);
    const worst = y.reduce((error, value, i) => {
      const expected = Math.log(x[i]!);
      return Math.max(error, Math.abs(value - expected) / Math.max(1, Math.abs(expected)));
    }, 0);
    expect(worst).toBeLessThan(LOG_TOLERANCE);
  });

  test.each(FUNCTIONS)("$name of NaN is NaN, in that lane only", ({ name, exact }) => {
    for (let lane = 0; lane < 12; lane++) {
      const x = Array.from({ length: 12 }, (_, i) => (i === lane ? Number.NaN : i / 12));
      apply(name, x).forEach((value, i) => {
        if (i === lane) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(exact(x[i]!), 5);
      });
    }
  });

  test("exp saturates beyond float32", () => {
    const [a, b, c, d] = apply("exp", [Number.NEGATIVE_INFINITY, -1e4, 1e4, Number.POSITIVE_INFINITY]);
    expect(Math.max(a!, b!)).toBeLessThan(1.3e-38);
    expect(Math.min(c!, d!)).toBeGreaterThan(2e38);
  });

  test("sigmoid approaches 0 and 1", () => {
    const [a, b, c, d] = apply("sigmoid", [Number.NEGATIVE_INFINITY, -1e4, 1e4, Number.POSITIVE_INFINITY]);
    expect(Math.max(a!, b!)).toBeLessThan(SMALLEST_NORMAL);
    expect([c, d]).toEqual([1, 1]);
  });

  test("tanh approaches −1 and 1, and never exceeds them", () => {
    const y = apply("tanh", [Number.NEGATIVE_INFINITY, -1e4, 1e4, Number.POSITIVE_INFINITY, ...evenly(7, 9)]);
    for (const [i, sign] of [-1, -1, 1, 1].entries()) expect(Math.abs(y[i]! - sign)).toBeLessThan(4e-7);
    expect(y.every((value) => Math.abs(value) <= 1)).toBe(true);
  });
});
