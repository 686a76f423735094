import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { countSubnormal, normals } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";

// Kernels set small values to zero, by the limits of assembly/cut.ts, and keep larger ones and NaN.

const LEAST_STATE = 2 ** -46;
const LEAST_GRADIENT = 2 ** -80;
const [BETA1, BETA2, ALPHA, EPSILON] = [0.9, 0.999, 0.99, 1e-8];

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend);
  const random = new Random(1);
  const zeros = (length: number) => space.floats(new Float32Array(length));

  /** A layer of T steps and four units, without recurrent weights unless some are given. */
  function layer(T: number, sums: ArrayLike<number>, wh: ArrayLike<number> = new Float32Array(64)) {
    const H = 4;
    const B = sums.length / T / (4 * H);
    space.clear();
    const [gates, weights] = [space.floats(sums), space.floats(wh)];
    const [h, c] = [zeros((T + 1) * B * H), zeros((T + 1) * B * H)];
    const [dh, dhState, dcState] = [zeros(T * B * H), zeros(B * H), zeros(B * H)];
    const [dwh, scratch, room] = [
      space.output(64),
      space.scratch("lstmBackward", T * B, B, H),
      space.scratch("lstmForward", B, H),
    ];
    const step = B * H;
    return {
      ...{ gates, h, c, dh, dhState, dcState, dwh },
      forward: () =>
        space.run(
          "lstmForward",
          [h.subarray(step), c.subarray(step), gates, room],
          ...[h, c, gates, weights, 0, room],
          ...[T, B, H],
        ),
      backward: () =>
        space.run(
          "lstmBackward",
          [dhState, dcState, dwh, gates, scratch],
          ...[dh, dhState, dcState, dwh, gates, h, c, weights, 0, scratch],
          ...[T, B, H],
        ),
    };
  }

  describe("lstmForward", () => {
    test("a cell without input becomes 0", () => {
      const { forward, c, h } = layer(400, new Float32Array(400 * 16));
      c.set([1, -1, 1e-3, -1e-9]);
      forward();
      expect(countSubnormal(c) + countSubnormal(h)).toBe(0);
      // Halved at each step.
      expect([...c.subarray(4 * 30, 4 * 30 + 3)]).toEqual([1, -1, Math.fround(1e-3)].map((x) => x * 2 ** -30));
      expect(c.subarray(4 * 60, 4 * 61).every((x) => x === 0)).toBe(true);
    });

    test("gates below 2⁻⁴⁶ are 0, those above are sigmoid's to the bit", () => {
      const x = Float32Array.from({ length: 16 * 200 }, (_, i) => -120 + (240 * i) / (16 * 200));
      const { forward, gates } = layer(1, x);
      forward();
      const activated = gates.slice();
      space.clear();
      const [out, sums] = [space.output(x.length), space.floats(x)];
      space.run("sigmoid", [out], out, sums, x.length);
      activated.forEach((gate, i) => {
        if (Math.floor((i % 16) / 4) === 2) return;
        const s = out[i]!;
        // At the limit itself, rounding decides.
        if (s > 1.01 * LEAST_STATE || s < 0.99 * LEAST_STATE) expect(gate).toBe(s < LEAST_STATE ? 0 : s);
      });
    });

    test("NaN stays NaN, in each lane alone", () => {
      for (let u = 0; u < 4; u++) {
        const { forward, c, h } = layer(1, new Float32Array(16));
        c[u] = Number.NaN;
        forward();
        for (const state of [h, c])
          expect(Array.from(state.subarray(4), (x, i) => Number.isNaN(x) === (i % 4 === u))).not.toContain(false);
      }
    });
  });

  describe("lstmBackward", () => {
    test("saturated gates leave no subnormal gradients", () => {
      const B = 2000;
      const { forward, backward, gates, h, c, dh, dcState } = layer(1, normals(random, B * 16, 60));
      c.set(normals(random, 4 * B));
      forward();
      expect(countSubnormal(gates) + countSubnormal(h) + countSubnormal(c)).toBe(0);
      dh.set(normals(random, dh.length, 1e-5));
      backward();
      expect(gates.filter((d) => d !== 0).length).toBeGreaterThan(gates.length / 8);
      expect(countSubnormal(gates)).toBe(0);
      expect(countSubnormal(dcState)).toBe(0);
    });

    test.each([1, 3])("gradients above 2⁻⁸⁰ go back, those below become 0, %i sequences", (B) => {
      const { forward, backward, gates, c, dcState } = layer(1, normals(random, B * 16), normals(random, 64));
      c.set(normals(random, 4 * B));
      forward();
      dcState.fill(2 * LEAST_GRADIENT);
      backward();
      // The output gate's gradient is that of h, which is 0.
      expect(gates.filter((_, i) => (i >> 2) % 4 !== 3).every((d) => d !== 0)).toBe(true);
      expect(dcState.every((d) => d > 0 && d < 2 * LEAST_GRADIENT)).toBe(true);
      const below = layer(1, normals(random, B * 16), normals(random, 64));
      below.forward();
      below.dcState.fill(LEAST_GRADIENT / 2);
      below.dhState.fill(-LEAST_GRADIENT / 8);
      below.backward();
      for (const gradients of [below.gates, below.dhState, below.dcState])
        expect(gradients.every((d) => d === 0)).toBe(true);
    });

    test.each(["dh", "dhState", "dcState"] as const)("NaN in %s stays NaN", (name) => {
      for (let u = 0; u < 4; u++) {
        const run = layer(9, normals(random, 9 * 16), normals(random, 64));
        run.forward();
        run[name][u] = Number.NaN;
        run.backward();
        expect(run.dcState[u]).toBeNaN();
      }
    });

    test("an output gate of 0 does not divide by 0", () => {
      const { forward, backward, gates, dh, dcState } = layer(1, new Float32Array(16).fill(-1e4, 12));
      forward();
      dh.fill(1);
      backward();
      for (const gradients of [gates, dcState]) expect(gradients.every((d) => d === 0)).toBe(true);
    });
  });

  describe("losses", () => {
    test("crossEntropy leaves no subnormal gradients, whatever the scores", () => {
      const [rows, V] = [200, 64];
      space.clear();
      const scores = space.floats(Float32Array.from({ length: rows * V }, () => -100 * random.uniform()));
      const targets = space.integers(new Int32Array(rows));
      space.run("crossEntropy", [scores], scores, targets, 0, rows, V, V, 1e-6);
      expect(countSubnormal(scores)).toBe(0);
      expect(scores.filter((d) => d !== 0).length).toBeGreaterThan(rows * V * 0.4);
    });

    test("squaredError leaves none either, and small differences have gradients", () => {
      for (const delta of [0, 1e-3]) {
        space.clear();
        const [values, targets] = [space.floats([1e-20, -1e-20, 1e-22, 1, 1e-25, -1e-30, 1e-38, 0]), zeros(8)];
        space.run("squaredError", [values], values, targets, 0, 2, 4, 4, delta, 1);
        expect(Array.from(values, (d) => d !== 0)).toEqual([true, true, true, true, false, false, false, false]);
      }
    });
  });

  describe("optimizers", () => {
    const n = 8;
    const STARTS = [1, -1, 1e-3, -1e-6, 1e-9, -1e-12, 1e-15, 1e-20];

    /** Updates with one gradient and then many of zero. Checks after each hundred that no number is subnormal. */
    function decay(kernel: "sgd" | "adam" | "rmsprop", keeps: number, steps: number, others: number[]) {
      space.clear();
      const [p, previous, g] = [space.floats(normals(random, n)), space.output(n), space.floats(STARTS)];
      const kept = Array.from({ length: keeps }, () => zeros(n));
      for (let t = 1; t <= steps; t++) {
        space.call(kernel, p, previous, g, ...(keeps > 0 ? kept : [0]), n, ...others);
        if (t === 1) g.fill(0);
        if (t % 100 === 0) for (const values of [p, ...kept]) if (countSubnormal(values) > 0) expect.fail(`step ${t}`);
      }
      return { p, kept };
    }

    test("the momentum buffer of sgd becomes 0", () => {
      expect(decay("sgd", 1, 1000, [0.1, 0.9, 0, 1]).kept).toEqual([new Float32Array(n)]);
    });

    test("both moments of adam become 0", () => {
      const others = [1e-3, BETA1, BETA2, EPSILON, 1, 1, 0, 1, 1];
      expect(decay("adam", 2, 80_000, others).kept).toEqual([new Float32Array(n), new Float32Array(n)]);
    });

    test("the mean square of rmsprop becomes 0", () => {
      expect(decay("rmsprop", 1, 10_000, [1e-3, ALPHA, EPSILON, 0, 1]).kept).toEqual([new Float32Array(n)]);
    });

    test.each(["sgd", "adamw"])("parameters that weight decay shrinks become 0: %s", (name) => {
      const adamw = [0.1, BETA1, BETA2, EPSILON, 1, 1, 0, 0.5, 1];
      const { p } = name === "sgd" ? decay("sgd", 0, 1000, [0.5, 0, 1, 1]) : decay("adam", 2, 1000, adamw);
      expect(p).toEqual(new Float32Array(n));
    });

    test("tiny parameters stay as they are if nothing moves them", () => {
      space.clear();
      const values = [1e-30, -1e-38, 1e-40, 0];
      const [p, previous, g, v] = [space.floats(values), space.output(4), zeros(4), zeros(4)];
      space.run("sgd", [p, previous], p, previous, g, 0, 4, 0.1, 0, 0, 1);
      space.run("rmsprop", [p, previous, v], p, previous, g, v, 4, 0.1, ALPHA, EPSILON, 0, 1);
      expect(p).toEqual(Float32Array.from(values));
    });

    test.each([1e-8, 1e-12].flatMap((epsilon) => [1e-15, 1e-16, 1e-17, 1e-20].map((size) => [size, epsilon] as const)))(
      "gradients near %d move parameters as if nothing was cut, epsilon %d",
      (size, epsilon) => {
        const [rate, steps] = [1e6, 50];
        const adam = { p: 0, m: 0, v: 0 };
        const rmsprop = { p: 0, v: 0 };
        space.clear();
        const [p, previous, g] = [zeros(4), space.output(4), space.floats(new Float32Array(4).fill(size))];
        const [m, v, q, w] = [zeros(4), zeros(4), zeros(4), zeros(4)];
        for (let t = 1; t <= steps; t++) {
          const corrections = [1 - BETA1 ** t, 1 - BETA2 ** t] as const;
          const others = [rate, BETA1, BETA2, epsilon, ...corrections, 0, 1, 1];
          space.run("adam", [p, previous, m, v], p, previous, g, m, v, 4, ...others);
          adam.m = BETA1 * adam.m + (1 - BETA1) * size;
          adam.v = BETA2 * adam.v + (1 - BETA2) * size ** 2;
          adam.p -= (rate * adam.m) / corrections[0] / (Math.sqrt(adam.v / corrections[1]) + epsilon);
          space.run("rmsprop", [q, previous, w], q, previous, g, w, 4, rate, ALPHA, epsilon, 0, 1);
          rmsprop.v = ALPHA * rmsprop.v + (1 - ALPHA) * size ** 2;
          rmsprop.p -= (rate * size) / (Math.sqrt(rmsprop.v) + epsilon);
          if (epsilon === EPSILON) expect(countSubnormal(v) + countSubnormal(w)).toBe(0);
        }
        for (const value of p) expect(Math.abs(value / adam.p - 1)).toBeLessThan(1e-6);
        for (const value of q) expect(Math.abs(value / rmsprop.p - 1)).toBeLessThan(1e-6);
      },
    );

    test.each([0, 0.1])("NaN stays NaN, weight decay %d", (decay) => {
      for (let lane = 0; lane < 4; lane++) {
        space.clear();
        const g = space.floats(new Float32Array(4).fill(1e-3));
        g[lane] = Number.NaN;
        const [previous, ...rest] = [space.output(4), zeros(4), zeros(4), zeros(4), zeros(4), zeros(4), zeros(4)];
        const [p0, v0, p1, m1, v1, p2] = rest as [Float32Array, ...Float32Array[]];
        const v2 = zeros(4);
        space.run("sgd", [p0, previous, v0!], p0, previous, g, v0!, 4, 0.1, 0.9, decay, 1);
        const others = [0.1, BETA1, BETA2, EPSILON, 0.1, 0.001, 0, 1 - decay, 1];
        space.run("adam", [p1!, previous, m1!, v1!], p1!, previous, g, m1!, v1!, 4, ...others);
        space.run("rmsprop", [p2!, previous, v2], p2!, previous, g, v2, 4, 0.1, ALPHA, EPSILON, decay, 1);
        for (const values of [p0, v0!, p1!, m1!, v1!, p2!, v2])
          expect(Array.from(values, Number.isNaN)).toEqual(Array.from(values, (_, i) => i === lane));
      }
    });
  });
});
