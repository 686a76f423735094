import { describe, expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { FULL } from "../full.js";
import type { Kernels } from "../internals/kernels.js";
import { createKernels } from "../internals/kernels.js";
import { Addresses } from "../internals/network.js";
import { relativeError } from "../kernels/tensors.js";

/** As many rows as a step over a long text has; a fifth of them have groups of groups too. */
const ROWS = FULL ? 1_000_000 : 200_000;
/** Sums of at most 256 equal terms, of sums of these: each addition errs by 3e-8 at most, and less on average. */
const TOLERANCE = 5e-6;
const MEMORY_BYTES = 160_000_000;

/** Equal within a column, so that many additions round the same way: a running sum of a million errs by 9e-3. */
const alike = (i: number) => 0.1 + 0.001 * (i % 4);
/** Evenly distributed from 0 to 1: multiples of the golden ratio. */
const even = (i: number) => (Math.imul(i, 0x9e3779b1) >>> 0) / 4_294_967_296;

describe.each(BACKENDS)(`%s, ${ROWS} rows`, async (backend) => {
  const { kernels, memory, scratchBytes } = await createKernels(backend);
  memory.reserve(MEMORY_BYTES);

  /** Arrays in that memory, which is too large to be compared as a Workspace does. */
  function arrays() {
    const addresses = new Addresses(memory.base);
    const output = (length: number) => new Float32Array(memory.buffer, addresses.floats(length), length);
    const floats = (length: number, value: (i: number) => number) => {
      const array = output(length);
      for (let i = 0; i < length; i++) array[i] = value(i);
      return array;
    };
    return { output, floats };
  }

  /** @param args the kernel's arguments, arrays in place of their addresses */
  function run(kernel: keyof Kernels, ...args: (ArrayBufferView | number)[]): void {
    const call = kernels[kernel].bind(kernels) as (...args: number[]) => unknown;
    call(...args.map((arg) => (typeof arg === "number" ? arg : arg.byteOffset)));
  }

  test("linearBackward adds them up", () => {
    const [N, K] = [4, 4];
    const { output, floats } = arrays();
    const [dy, x] = [floats(ROWS * N, alike), floats(ROWS * K, even)];
    const [dw, db, w] = [output(K * N), output(N), output(K * N)];
    const scratch = output(scratchBytes.linearBackward(ROWS, N, K) / 4);
    run("linearBackward", 0, dw, db, dy, x, w, scratch, ROWS, N, K);
    const [dwExpected, dbExpected] = [new Float64Array(K * N), new Float64Array(N)];
    for (let r = 0; r < ROWS; r++)
      for (let n = 0; n < N; n++) {
        const d = dy[r * N + n]!;
        dbExpected[n]! += d;
        for (let k = 0; k < K; k++) dwExpected[k * N + n]! += x[r * K + k]! * d;
      }
    expect(relativeError(db, dbExpected)).toBeLessThan(TOLERANCE);
    expect(relativeError(dw, dwExpected)).toBeLessThan(TOLERANCE);
  });

  // Few tokens, one of which is most of the text; and many, most of which occur a few dozen times.
  test.each([3, 5000])("gatherBackward adds them up, %i tokens", (V) => {
    const N = 4;
    const { output, floats } = arrays();
    const dy = floats(ROWS * N, alike);
    const tokens = new Int32Array(memory.buffer, output(ROWS).byteOffset, ROWS);
    for (let r = 0; r < ROWS; r++) tokens[r] = even(r) < 0.8 ? 0 : Math.floor(even(r >>> 1) * V);
    const [dw, db] = [output(V * N), output(N)];
    const scratch = output(scratchBytes.gatherBackward(ROWS, V, N) / 4);
    run("gatherBackward", dw, db, dy, tokens, scratch, ROWS, V, N);
    const [dwExpected, dbExpected] = [new Float64Array(V * N), new Float64Array(N)];
    for (let r = 0; r < ROWS; r++)
      for (let n = 0; n < N; n++) {
        const d = dy[r * N + n]!;
        dwExpected[tokens[r]! * N + n]! += d;
        dbExpected[n]! += d;
      }
    expect(relativeError(db, dbExpected)).toBeLessThan(TOLERANCE);
    const errors = dw.map((value, i) => Math.abs(value - dwExpected[i]!) / Math.max(1, dwExpected[i]!));
    expect(errors.reduce((a, b) => Math.max(a, b))).toBeLessThan(TOLERANCE);
  });

  test("lstmBackward adds up those of its recurrent weights", () => {
    const [T, B, H] = [250, ROWS / 250, 4];
    const { output, floats } = arrays();
    const gates = floats(ROWS * 4 * H, (i) => 0.25 + 0.5 * even(i));
    const h = floats(ROWS * H + B * H, (i) => 0.25 * even(i + 7));
    const c = output(h.length);
    c.set(h);
    const dh = floats(ROWS * H, (i) => 1e-3 * even(i + 3));
    const [dhState, dcState] = [output(B * H).fill(0), output(B * H).fill(0)];
    const [wh, dwh] = [floats(4 * H * H, (i) => 0.1 * even(i)), output(4 * H * H)];
    const scratch = output(scratchBytes.lstmBackward(T * B, B, H) / 4);
    run("lstmBackward", dh, dhState, dcState, dwh, gates, h, c, wh, 0, scratch, T, B, H);
    // From the gates' gradients that the kernel has returned.
    const expected = new Float64Array(4 * H * H);
    for (let r = 0; r < ROWS; r++)
      for (let k = 0; k < H; k++)
        for (let n = 0; n < 4 * H; n++) expected[k * 4 * H + n]! += h[r * H + k]! * gates[r * 4 * H + n]!;
    expect(relativeError(dwh, expected)).toBeLessThan(TOLERANCE);
  });
});
