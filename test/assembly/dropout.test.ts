import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { isDropped } from "../kernels/dropped.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { normals } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";

const PROBABILITIES = [1e-12, 0.1, 0.25, 0.5, 0.9];
/** The last one and a place add up to more than an int32. */
const KEYS = [0, 1, -123456789, 2 ** 31 - 3];

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend);
  const random = new Random(1);

  describe.each(PROBABILITIES)("probability %f", (p) => {
    test.each([4, 8, 20, 400])("keeps and scales the positions with a large enough hash, %i floats", (n) => {
      for (const key of KEYS) {
        space.clear();
        const [x, out] = [space.floats(normals(random, n)), space.output(n)];
        space.run("dropout", [out], out, x, n, p, key);
        const scale = Math.fround(1 / (1 - p));
        expect(out).toEqual(x.map((value, i) => (isDropped(i, p, key) ? 0 : value * scale)));
      }
    });

    test("drops that fraction of many floats", () => {
      const n = 50_000;
      space.clear();
      const x = space.floats(new Float32Array(n).fill(1));
      space.run("dropout", [x], x, x, n, p, 1);
      const share = x.filter((value) => value === 0).length / n;
      // Five standard deviations of the binomial distribution.
      expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
    });

    test("drops the same positions of other numbers, in place or not", () => {
      space.clear();
      const [x, y, out] = [space.floats(normals(random, 400)), space.floats(normals(random, 400)), space.output(400)];
      space.run("dropout", [out], out, x, 400, p, 7);
      space.run("dropout", [y], y, y, 400, p, 7);
      expect(y.map((value) => (value === 0 ? 0 : 1))).toEqual(out.map((value) => (value === 0 ? 0 : 1)));
    });
  });
});
