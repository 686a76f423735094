import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { FLOAT32_TOLERANCE, normals, relativeError } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";

const LENGTHS = [4, 8, 20];
const STEPS = 3;
const RATE = 0.3;
const [BETA1, BETA2, ALPHA, EPSILON] = [0.9, 0.999, 0.99, 1e-8];
/** What the gradients are multiplied with, and the weight decay. */
const SCALES_AND_DECAYS = [
  [1, 0],
  [0.125, 0],
  [1, 0.25],
  [0.125, 0.25],
] as const;

/** The new p of one parameter, from the old one and its gradient. Changes in `kept` what the optimizer keeps for it. */
type Formula = (p: number, g: number, kept: number[], t: number) => number;

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend);
  const random = new Random(1);

  describe.each(LENGTHS)("%i floats", (n) => {
    test.each([1, 1e-30, 1e30])("sumOfSquares of numbers near %f is exact to float64", (magnitude) => {
      space.clear();
      const x = space.floats(normals(random, n, magnitude));
      const expected = x.reduce((sum, value) => sum + value ** 2, 0);
      expect(relativeError([space.run("sumOfSquares", [], x, n)], [expected])).toBeLessThan(n * Number.EPSILON);
    });

    test("add adds, to the bit", () => {
      space.clear();
      const [a, b] = [normals(random, n), normals(random, n)];
      const [out, x] = [space.floats(a), space.floats(b)];
      space.run("add", [out], out, x, n);
      expect(out).toEqual(Float32Array.from(a, (value, i) => value + b[i]!));
    });

    test("clipByValue clips values beyond the limit, and keeps NaN", () => {
      const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
      const values = [0.25, -0.25, 0.5, -0.5, 0.75, -0.75, infinity, -infinity, nan];
      const clipped = [0.25, -0.25, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, nan];
      for (let shift = 0; shift < values.length; shift++) {
        const shifted = (list: number[]) =>
          Float32Array.from({ length: n }, (_, i) => list[(i + shift) % list.length]!);
        space.clear();
        const x = space.floats(shifted(values));
        space.run("clipByValue", [x], x, n, 0.5);
        expect(x).toEqual(shifted(clipped));
      }
    });

    /** Steps with a new gradient each. Every optimizer's arguments are p, previous, g, what it keeps, n, and others. */
    function expectSteps(
      kernel: "sgd" | "adam" | "rmsprop",
      keeps: number,
      others: (t: number) => number[],
      formula: Formula,
    ) {
      space.clear();
      const p = space.floats(normals(random, n));
      const kept = Array.from({ length: keeps }, () => space.floats(new Float32Array(n)));
      const [previous, g] = [space.output(n), space.output(n)];
      const expected = Float64Array.from(p);
      const expectedKept = Array.from(p, () => kept.map(() => 0));
      for (let t = 1; t <= STEPS; t++) {
        const before = p.slice();
        g.set(normals(random, n));
        const keptOrNothing = keeps > 0 ? kept : [0];
        space.run(kernel, [p, previous, ...kept], p, previous, g, ...keptOrNothing, n, ...others(t));
        for (let i = 0; i < n; i++) expected[i] = formula(expected[i]!, g[i]!, expectedKept[i]!, t);
        expect(relativeError(p, expected)).toBeLessThan(FLOAT32_TOLERANCE);
        for (const [k, values] of kept.entries())
          expect(
            relativeError(
              values,
              expectedKept.map((all) => all[k]!),
            ),
          ).toBeLessThan(FLOAT32_TOLERANCE);
        expect(previous).toEqual(before);
      }
    }

    describe.each(SCALES_AND_DECAYS)("gradients times %f, weight decay %f", (scale, decay) => {
      test("sgd", () => {
        expectSteps(
          "sgd",
          0,
          () => [RATE, 0, decay, scale],
          (p, g) => p - RATE * (scale * g + decay * p),
        );
      });

      test("sgd with momentum", () => {
        const momentum = 0.9;
        expectSteps(
          "sgd",
          1,
          () => [RATE, momentum, decay, scale],
          (p, g, kept) => {
            kept[0] = momentum * kept[0]! + scale * g + decay * p;
            return p - RATE * kept[0];
          },
        );
      });

      const adamOptions = (t: number) => [RATE, BETA1, BETA2, EPSILON, 1 - BETA1 ** t, 1 - BETA2 ** t];

      /** m̂ / (√v̂ + ε) */
      function adamDirection(g: number, kept: number[], t: number): number {
        kept[0] = BETA1 * kept[0]! + (1 - BETA1) * g;
        kept[1] = BETA2 * kept[1]! + (1 - BETA2) * g ** 2;
        return kept[0] / (1 - BETA1 ** t) / (Math.sqrt(kept[1] / (1 - BETA2 ** t)) + EPSILON);
      }

      test("adam", () => {
        expectSteps(
          "adam",
          2,
          (t) => [...adamOptions(t), decay, 1, scale],
          (p, g, kept, t) => {
            return p - RATE * adamDirection(scale * g + decay * p, kept, t);
          },
        );
      });

      test("adamw", () => {
        const shrink = 1 - RATE * decay;
        expectSteps(
          "adam",
          2,
          (t) => [...adamOptions(t), 0, shrink, scale],
          (p, g, kept, t) => {
            return shrink * p - RATE * adamDirection(scale * g, kept, t);
          },
        );
      });

      test("rmsprop", () => {
        expectSteps(
          "rmsprop",
          1,
          () => [RATE, ALPHA, EPSILON, decay, scale],
          (p, g, kept) => {
            const gradient = scale * g + decay * p;
            kept[0] = ALPHA * kept[0]! + (1 - ALPHA) * gradient ** 2;
            return p - (RATE * gradient) / (Math.sqrt(kept[0]) + EPSILON);
          },
        );
      });
    });
  });
});
