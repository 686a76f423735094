import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { Packing } from "../internals/network.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { FLOAT32_TOLERANCE, normals, relativeError } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";

// Sequences of unequal length in one call, against each of them in a call of its own. On the same kernels the forward pass
// has the same bits.

const LENGTHS = [
  [1, 1, 1],
  [3, 2, 1],
  [9, 1],
  [5, 5, 5, 2, 2, 1, 1, 1, 1],
  [70, 40, 40, 40, 40, 39, 11, 3, 3, 3, 3, 3, 3, 1],
];
const H = 8;

/** Rows of a packed matrix that belong to sequence b. */
const rowsOf = (packing: Packing, b: number) =>
  Array.from({ length: packing.lengths[b]! }, (_, t) => packing.row(t, b));
const pick = (matrix: ArrayLike<number>, rows: readonly number[], width: number) =>
  rows.flatMap((row) => Array.from({ length: width }, (_, i) => matrix[row * width + i]!));

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend, 1 << 21);

  /** Both passes over sequences of these lengths. */
  function run(
    lengths: readonly number[],
    given: Record<"h0" | "c0" | "sums" | "wh" | "dh" | "dhN" | "dcN", Float64Array>,
  ) {
    space.clear();
    const packing = new Packing(lengths);
    const { T, B, rows } = packing;
    const [wh, gates] = [space.floats(given.wh), space.floats(given.sums)];
    const [h, c] = [space.output((B + rows) * H), space.output((B + rows) * H)];
    h.set(given.h0);
    c.set(given.c0);
    const counts = space.integers(packing.counts);
    const forwardScratch = space.scratch("lstmForward", B, H);
    const written = [h.subarray(B * H), c.subarray(B * H), gates, forwardScratch];
    space.run("lstmForward", written, h, c, gates, wh, counts, forwardScratch, T, B, H);
    const forward = { h: h.slice(B * H), c: c.slice(B * H), gates: gates.slice() };
    const [dh, dhState, dcState] = [space.floats(given.dh), space.floats(given.dhN), space.floats(given.dcN)];
    const [dwh, scratch] = [space.output(wh.length), space.scratch("lstmBackward", rows, B, H)];
    const changed = [dhState, dcState, dwh, gates, h, scratch];
    space.run("lstmBackward", changed, dh, dhState, dcState, dwh, gates, h, c, wh, counts, scratch, T, B, H);
    return {
      packing,
      forward,
      dhState: dhState.slice(),
      dcState: dcState.slice(),
      dwh: dwh.slice(),
      gates: gates.slice(),
    };
  }

  test.each(LENGTHS)("lengths %j", (...lengths) => {
    const random = new Random(lengths.length);
    const packing = new Packing(lengths);
    const { B, rows } = packing;
    const wh = normals(random, 4 * H * H, 1 / Math.sqrt(H));
    const [h0, c0, dhN, dcN] = Array.from({ length: 4 }, () => normals(random, B * H)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const [sums, dh] = [normals(random, rows * 4 * H), normals(random, rows * H)];
    const all = run(lengths, { h0, c0, sums, wh, dh, dhN, dcN });
    const dwh = new Float64Array(wh.length);
    for (let b = 0; b < B; b++) {
      const mine = rowsOf(packing, b);
      const state = (x: Float64Array) => x.slice(b * H, (b + 1) * H);
      const one = run([lengths[b]!], {
        ...{ h0: state(h0), c0: state(c0), dhN: state(dhN), dcN: state(dcN), wh },
        sums: Float64Array.from(pick(sums, mine, 4 * H)),
        dh: Float64Array.from(pick(dh, mine, H)),
      });
      for (const name of ["h", "c"] as const) expect(pick(all.forward[name], mine, H)).toEqual([...one.forward[name]]);
      expect(pick(all.forward.gates, mine, 4 * H)).toEqual([...one.forward.gates]);
      expect(relativeError(Float64Array.from(pick(all.gates, mine, 4 * H)), one.gates)).toBeLessThan(FLOAT32_TOLERANCE);
      for (const name of ["dhState", "dcState"] as const)
        expect(relativeError(all[name].slice(b * H, (b + 1) * H), one[name])).toBeLessThan(FLOAT32_TOLERANCE);
      for (let i = 0; i < dwh.length; i++) dwh[i]! += one.dwh[i]!;
    }
    expect(relativeError(all.dwh, dwh)).toBeLessThan(FLOAT32_TOLERANCE);
  });

  test("copyRows takes rows from where a list says, and puts them where one says", () => {
    space.clear();
    const x = space.floats([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const out = space.output(8).fill(0);
    space.run("copyRows", [out], out, 0, 4, x, 0, 3, 2, 2);
    expect([...out]).toEqual([1, 2, 0, 0, 4, 5, 0, 0]);
    space.run("copyRows", [out], out, space.integers([1, 0]), 4, x, space.integers([2, 0]), 3, 2, 3);
    expect([...out]).toEqual([1, 2, 3, 0, 7, 8, 9, 0]);
    const bits = space.integers([0x7fa00000, -1]);
    space.run("copyRows", [out], out, 0, 1, bits, 0, 1, 2, 1);
    expect([...new Int32Array(out.buffer, out.byteOffset, 2)]).toEqual([0x7fa00000, -1]);
  });
});
