import { describe, expect, test } from "vitest";
import { FULL } from "../full.js";
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

const SAMPLES = FULL ? 50_000 : 5_000;
/** Of derivatives, each of which takes a whole step of a layer. */
const SLOPES = FULL ? 8_000 : 2_000;

const isSubnormal = (x: number) => x !== 0 && Math.abs(x) < SMALLEST_NORMAL;

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

  test("exp and sigmoid become 0, sigmoid without subnormal results", () => {
    const x = [Number.NEGATIVE_INFINITY, -1e38, -1e4, -110, ...evenly(-110, -80)];
    expect(apply("sigmoid", x).filter(isSubnormal)).toEqual(new Float32Array(0));
    expect(apply("sigmoid", x).subarray(0, 4)).toEqual(new Float32Array(4));
    expect(apply("exp", x).subarray(0, 4)).toEqual(new Float32Array(4));
  });

  test("sigmoid is 1 from 17.4, and 1 − sigmoid errs by at most 1.2e-7", () => {
    const beyond = apply("sigmoid", [...evenly(17.4, 100), 1e4, 1e38, Number.POSITIVE_INFINITY, 1e9]);
    expect(beyond.every((value) => value === 1)).toBe(true);
    const x = evenly(-20, 20);
    const worst = apply("sigmoid", x).reduce(
      (error, s, i) => Math.max(error, Math.abs(1 - s - 1 / (1 + Math.exp(x[i]!)))),
      0,
    );
    expect(worst).toBeLessThan(1.2e-7);
  });

  test("tanh is ±1 from ±9.011, and never exceeds that", () => {
    const ends = [...everyMagnitude(9.011, LARGEST), Number.POSITIVE_INFINITY, 1e5, 1e9, 9.02];
    const negative = ends.map((x) => -x);
    expect(apply("tanh", ends).every((value) => value === 1)).toBe(true);
    expect(apply("tanh", negative).every((value) => value === -1)).toBe(true);
    expect(apply("tanh", evenly(-10, 10)).every((value) => Math.abs(value) <= 1)).toBe(true);
  });

  test("tanh rises up to 1, apart from rounding errors", () => {
    let [largest, fall] = [0, 0];
    for (const value of apply("tanh", evenly(5, 9.1))) {
      fall = Math.max(fall, largest - value);
      largest = Math.max(largest, value);
    }
    expect(fall).toBeLessThan(2 * 4e-7);
    expect(largest).toBe(1);
  });

  /**
   * The derivatives that lstmBackward computes from activations. If the gradient of the cell state and all other factors
   * are 1, the gradients of the pre-activations of i, f and g are the derivatives; if the gradient of the output is 1,
   * that of o's is, and the gradient of the previous state is the derivative of tanh c.
   */
  function derivatives(values: ArrayLike<number>) {
    const [n, H] = [values.length, 4];
    const B = n / H;
    const [s, t] = [apply("sigmoid", values).slice(), apply("tanh", values).slice()];
    const run = (outputGradient: number, [i, f, g, o, h, cell]: readonly ((j: number) => number)[]) => {
      space.clear();
      const gates = space.output(4 * n);
      const each = (value: (j: number) => number) => Float32Array.from({ length: n }, (_, j) => value(j));
      for (const [k, gate] of [i!, f!, g!, o!].entries())
        each(gate).forEach((value, j) => {
          gates[(Math.floor(j / H) * 4 + k) * H + (j % H)] = value;
        });
      const states = [h!, cell!].map((state) => space.floats([...new Float32Array(n).fill(1), ...each(state)]));
      const [dh, dhState] = [space.floats(each(() => outputGradient)), space.floats(new Float32Array(n))];
      const dcState = space.floats(each(() => 1 - outputGradient));
      const [wh, dwh, scratch] = [
        space.floats(new Float32Array(64)),
        space.output(64),
        space.scratch("lstmBackward", B, B, H),
      ];
      const outputs = [dhState, dcState, dwh, gates, scratch];
      space.run("lstmBackward", outputs, dh, dhState, dcState, dwh, gates, ...states, wh, 0, scratch, 1, B, H);
      const gate = (k: number) => each((j) => gates[(Math.floor(j / H) * 4 + k) * H + (j % H)]!);
      return { i: gate(0), f: gate(1), g: gate(2), o: gate(3), c: dcState.slice() };
    };
    const [one, sigmoid, tanh] = [() => 1, (j: number) => s[j]!, (j: number) => t[j]!];
    const x = (j: number) => values[j]!;
    const gates = run(0, [sigmoid, sigmoid, one, one, one, x]);
    const output = run(1, [one, one, one, sigmoid, sigmoid, () => 20]);
    return {
      sigmoid: [gates.i, gates.f, output.o],
      tanh: [run(0, [one, one, tanh, one, one, x]).g, run(1, [one, one, one, one, tanh, x]).c],
    };
  }

  test("derivatives computed from sigmoid and tanh err by at most what assembly/activations.ts states", () => {
    // By e⁻ˣ, which keeps all digits for large arguments.
    const sigmoidSlope = (x: number) => 1 / ((1 + Math.exp(-Math.abs(x))) * (1 + Math.exp(Math.abs(x))));
    const slopes = { sigmoid: sigmoidSlope, tanh: (x: number) => 4 * sigmoidSlope(2 * x) };
    const limits = { sigmoid: [2e-7, 5e-7, -87.3, 0, 17.4], tanh: [8e-7, 1e-6, -1, 1, 9.02] } as const;
    const near = Float32Array.from({ length: SLOPES }, (_, i) => -20 + (40 * i) / SLOPES);
    const far = [...evenly(20, 100).subarray(0, 100), 1e3, 1e6, 1e9, 1e38];
    const x = joined(
      near,
      far,
      far.map((value) => -value),
    );
    for (const name of ["sigmoid", "tanh"] as const) {
      const [absolute, relative, low, high, beyond] = limits[name];
      for (const actual of derivatives(x)[name])
        actual.forEach((slope, i) => {
          const expected = slopes[name](x[i]!);
          const error = Math.abs(slope - expected);
          if (!(error <= absolute) || (x[i]! >= low && x[i]! <= high && !(error <= relative * expected)))
            expect.fail(`${name}'s derivative at ${x[i]} is ${slope} in place of ${expected}`);
          // Nothing may remain there that a large factor could multiply.
          if (Math.abs(x[i]!) > beyond) expect(slope).toBeLessThanOrEqual(2 * expected);
        });
    }
  });
});
