import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { FLOAT32_TOLERANCE, normals, relativeError } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";
import { backward, forward, type Tensors } from "../reference.js";

/**
 * [T, B, H] and the units that are not padding, if there is any: one sequence, tiles of four rows and a tail, three blocks of
 * rows, three blocks of steps and rows; one long sequence, whose weights are transposed on the way back for some H.
 */
const SIZES = [
  ...[1, 2, 7].flatMap((T) => [1, 2, 3, 4, 5, 9].flatMap((B) => [4, 8, 20].map((H) => [T, B, H] as const))),
  [2, 130, 8],
  [300, 2, 8],
  [15, 1, 28],
  ...[28, 32].flatMap((H) => [0, 1, 2, 3].map((padding) => [20, 1, H, H - padding] as const)),
].map(([T, B, H, units = H]) => [T, B, H, units] as const);

const identity = (n: number) => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

/** [rows, columns] → [columns, rows] */
const transposed = (a: Float64Array, rows: number, columns: number) =>
  Float64Array.from(a, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)]!);

/**
 * A layer and its back-propagation by the reference. Its network is nothing but that layer: the inputs are the gates'
 * sums, the scores are the outputs.
 */
function trial(T: number, B: number, H: number, units: number) {
  const random = new Random(1);
  const sizes = { T, B, I: 4 * H, H, V: H, layers: 1 };
  const weights: Tensors = {
    "lstm.weight_ih_l0": identity(4 * H),
    // Padding has no recurrent weights: [4, H, H].
    "lstm.weight_hh_l0": normals(random, 4 * H * H, 1 / Math.sqrt(H)).map((weight, i) =>
      Math.floor(i / H) % H < units && i % H < units ? weight : 0,
    ),
    "lstm.bias_ih_l0": new Float64Array(4 * H),
    "linear.weight": identity(H),
    "linear.bias": new Float64Array(H),
  };
  const given = {
    sums: normals(random, T * B * 4 * H),
    h0: normals(random, B * H),
    c0: normals(random, B * H),
    wh: transposed(weights["lstm.weight_hh_l0"]!, 4 * H, H),
    dh: normals(random, T * B * H),
    dhFinal: normals(random, B * H),
    dcFinal: normals(random, B * H),
  };
  const pass = forward(weights, sizes, given.sums, given.h0, given.c0);
  const d = backward(weights, sizes, pass, given.dh, given.dhFinal, given.dcFinal);
  const dwh = transposed(d.parameters["lstm.weight_hh_l0"]!, 4 * H, H);
  return { given, layer: pass.layers[0]![0]!, gradients: { sums: d.x, h0: d.h0, c0: d.c0, wh: dwh } };
}

describe.each(SIZES)("T %i, B %i, H %i", (T, B, H, units) => {
  const { given, layer, gradients } = trial(T, B, H, units);

  describe.each(KERNEL_SETS)("%s", async (backend) => {
    const space = await Workspace.on(backend);
    const [wh, gates] = [space.floats(given.wh), space.floats(given.sums)];
    const [h, c] = [space.output((T + 1) * B * H), space.output((T + 1) * B * H)];

    test("lstmForward gives the states and gates of the equations", () => {
      h.set(given.h0);
      c.set(given.c0);
      const scratch = space.scratch("lstmForward", B, H);
      const outputs = [h.subarray(B * H), c.subarray(B * H), gates, scratch];
      space.run("lstmForward", outputs, h, c, gates, wh, 0, scratch, T, B, H);
      expect(relativeError(h, layer.h)).toBeLessThan(FLOAT32_TOLERANCE);
      expect(relativeError(c, layer.c)).toBeLessThan(FLOAT32_TOLERANCE);
      expect(relativeError(gates, layer.gates)).toBeLessThan(FLOAT32_TOLERANCE);
    });

    test.each(B === 1 ? [8, 48] : [8])(
      "lstmStepPacked has the bits of a step of lstmForward: %i columns",
      (columns) => {
        const scratch = space.scratch("lstmForward", B, H);
        const packed = space.output((space.scratchBytes.packWeights?.(H, 4 * H) ?? 16 * H * H) / 4);
        space.run("packWeights", [packed], packed, wh, H, 4 * H, columns);
        const outputs = [h.subarray(B * H), c.subarray(B * H), gates, scratch];
        const states = (step: () => void) => {
          h.set(given.h0);
          c.set(given.c0);
          gates.set(given.sums);
          step();
          return [h, c].map((all) => all.slice(B * H, 2 * B * H));
        };
        const expected = states(() => space.run("lstmForward", outputs, h, c, gates, wh, 0, scratch, 1, B, H));
        const step = () => space.run("lstmStepPacked", outputs, h, c, gates, packed, scratch, B, H, columns);
        expect(states(step)).toEqual(expected);
      },
    );

    test.runIf(B === 1)("cellForward has the bits of a step of lstmForward, from the gates' sums on", () => {
      const scratch = space.scratch("lstmForward", 1, H);
      const reset = () => {
        h.set(given.h0);
        c.set(given.c0);
        gates.set(given.sums);
      };
      const results = () => [h, c, gates].map((all) => all.slice(0, all === gates ? 4 * H : 2 * H));
      reset();
      space.run("lstmForward", [h.subarray(H), c.subarray(H), gates, scratch], h, c, gates, wh, 0, scratch, 1, 1, H);
      const expected = results();
      reset();
      const sums = space.output(4 * H);
      space.run("linearColumns", [gates, sums], gates, h, wh, gates, sums, 4 * H, 4 * H, H);
      const [after, cell] = [h.subarray(H), c.subarray(H)];
      space.run("cellForward", [after, cell, gates], after, cell, gates, c, 1, H);
      expect(results()).toEqual(expected);
    });

    test("lstmBackward gives the gradients of the gates' sums, initial state and weights", () => {
      h.set(layer.h);
      c.set(layer.c);
      gates.set(layer.gates);
      const [dh, dhState, dcState] = [given.dh, given.dhFinal, given.dcFinal].map((d) => space.floats(d)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const dwh = space.output(wh.length);
      const scratch = space.scratch("lstmBackward", T * B, B, H);
      const outputs = [dhState, dcState, dwh, gates, scratch];
      space.run("lstmBackward", outputs, dh, dhState, dcState, dwh, gates, h, c, wh, 0, scratch, T, B, H);
      expect(relativeError(gates, gradients.sums)).toBeLessThan(FLOAT32_TOLERANCE);
      expect(relativeError(dhState, gradients.h0)).toBeLessThan(FLOAT32_TOLERANCE);
      expect(relativeError(dcState, gradients.c0)).toBeLessThan(FLOAT32_TOLERANCE);
      expect(relativeError(dwh, gradients.wh)).toBeLessThan(FLOAT32_TOLERANCE);
    });
  });
});
