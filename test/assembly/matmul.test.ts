import { describe, expect, test } from "vitest";
import { every, withMore } from "../full.js";
import { Random } from "../internals/common.js";
import { KERNEL_SETS } from "../kernels/instances.js";
import { integers, normals, relativeError } from "../kernels/tensors.js";
import { Workspace } from "../kernels/workspace.js";

// The factors are small whole numbers, which float32 multiplies and adds without rounding: products have to be exact.

/** Around tiles of 4 and 6 and blocks of 72 rows; 600 is more than two blocks of 256 inner steps of xᵀ·dy. */
const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 71, 72, 73, 74, 146, 600];
/** More than two groups of 16 384 inner steps. */
const MANY_ROWS = 33_000;
const SIZES = [4, 8, 12, 16, 20, 24, 28, 32, 36];

/** [K, N]: few for many rows; beyond SIZES, some that take every loop over the columns of a single row twice. */
function weightsFor(M: number): readonly (readonly [number, number])[] {
  const sizes = M < 15 ? SIZES : [4, 12, 36];
  const all = sizes.flatMap((K) => sizes.map((N): [number, number] => [K, N]));
  const pairs = M < 15 ? every(7, all, M) : all;
  return M < 600 ? [...pairs, [40, 84], [60, 116]] : pairs;
}

function product(a: ArrayLike<number>, b: ArrayLike<number>, M: number, K: number, N: number): Float32Array {
  const c = new Float32Array(M * N);
  for (let m = 0; m < M; m++)
    for (let k = 0; k < K; k++) for (let n = 0; n < N; n++) c[m * N + n]! += a[m * K + k]! * b[k * N + n]!;
  return c;
}

function transposed(a: ArrayLike<number>, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)]!);
}

const ones = (length: number) => new Float32Array(length).fill(1);

describe.each(KERNEL_SETS)("%s", async (backend) => {
  const space = await Workspace.on(backend);
  const random = new Random(1);
  const whole = (length: number) => space.floats(integers(random, length, -8, 8));

  describe.each(ROWS)("with %i rows", (M) => {
    test("linearForward gives x·W + b", () => {
      for (const [K, N] of weightsFor(M)) {
        space.clear();
        const [x, w, b] = [whole(M * K), whole(K * N), whole(N)];
        const [y, scratch] = [space.output(M * N), space.scratch("linearForward", M, N, K)];
        space.run("linearForward", [y, scratch], y, x, w, b, scratch, M, N, K);
        const expected = product(x, w, M, K, N).map((value, i) => value + b[i % N]!);
        expect(relativeError(y, expected), `K ${K}, N ${N}`).toBe(0);
      }
    });

    test("linearBackward gives dy·Wᵀ, xᵀ·dy and the column sums of dy", () => {
      for (const [K, N] of weightsFor(M)) {
        space.clear();
        const [x, w, dy] = [whole(M * K), whole(K * N), whole(M * N)];
        const [dx, dw, db] = [space.output(M * K), space.output(K * N), space.output(N)];
        const scratch = space.scratch("linearBackward", M, N, K);
        space.run("linearBackward", [dx, dw, db, scratch], dx, dw, db, dy, x, w, scratch, M, N, K);
        expect(relativeError(dx, product(dy, transposed(w, K, N), M, N, K)), `dx, K ${K}, N ${N}`).toBe(0);
        expect(relativeError(dw, product(transposed(x, M, K), dy, K, M, N)), `dW, K ${K}, N ${N}`).toBe(0);
        expect(relativeError(db, product(ones(M), dy, 1, M, N)), `db, K ${K}, N ${N}`).toBe(0);
      }
    });
  });

  // More than two slices of 512 inner steps and blocks of 64 columns, below and above the 131 072 floats of a whole left factor.
  const large = withMore(
    [[9, 132, 1028]],
    [
      [9, 1028, 132],
      [130, 1028, 132],
      [130, 132, 1028],
    ],
  ) as readonly (readonly [number, number, number])[];
  test.each(large)("products in slices and blocks are exact: %i rows, %i by %i", async (M, N, K) => {
    const space = await Workspace.on(backend, 1 << 22);
    const [x, w, b, dy] = [M * K, K * N, N, M * N].map((length) => space.floats(integers(random, length, -8, 8)));
    const y = space.output(M * N);
    const forward = space.scratch("linearForward", M, N, K);
    space.run("linearForward", [y, forward], y, x!, w!, b!, forward, M, N, K);
    const expected = product(x!, w!, M, K, N).map((value, i) => value + b![i % N]!);
    expect(relativeError(y, expected)).toBe(0);
    const [dx, dw, db] = [space.output(M * K), space.output(K * N), space.output(N)];
    const scratch = space.scratch("linearBackward", M, N, K);
    space.run("linearBackward", [dx, dw, db, scratch], dx, dw, db, dy!, x!, w!, scratch, M, N, K);
    expect(relativeError(dx, product(dy!, transposed(w!, K, N), M, N, K))).toBe(0);
    expect(relativeError(dw, product(transposed(x!, M, K), dy!, K, M, N))).toBe(0);
  });

  test.each([
    [1, 4, 8],
    [1, 12, 8],
    [1, 28, 8],
    [1, 84, 20], // panels by six and by four
    [1, 516, 260], // weights of more than 512 KB
    [2, 12, 8],
    [64, 36, 20],
    [75, 52, 20],
    [5, 68, 1028],
    [130, 68, 1028],
    [1, 28, 12, 48], // groups of 16, of eight, and half of one
    [1, 92, 20, 48], // of 48, 32, eight, and half of one
    [1, 520, 260, 48],
  ])("packed weights give the bits of plain ones: %i rows of %i sums of %i", async (M, N, K, columns = 8) => {
    const space = await Workspace.on(backend, 1 << 22);
    const [x, w, b] = [M * K, K * N, N].map((length) => space.floats(normals(random, length)));
    const [y, expected] = [space.output(M * N), space.output(M * N)];
    const scratch = space.scratch("linearForward", M, N, K);
    space.run("linearForward", [expected, scratch], expected, x!, w!, b!, scratch, M, N, K);
    const packed = space.output((space.scratchBytes.packWeights?.(K, N) ?? 4 * K * N) / 4);
    space.run("packWeights", [packed], packed, w!, K, N, columns);
    space.run("linearForwardPacked", [y, scratch], y, x!, packed, b!, scratch, M, N, K, columns);
    expect(y).toEqual(expected);
  });

  test.each([
    [12, 8],
    [128, 36],
    [112, 20],
    [2048, 512],
  ])("linearColumns has the bits of linearForward: %i columns of sums of %i", async (N, K) => {
    const space = await Workspace.on(backend, 1 << 23);
    const [x, w, b] = [K, K * N, N].map((length) => space.floats(normals(random, length)));
    const [y, whole, sums, twice] = [space.output(N), space.output(N), space.output(N), space.output(N)];
    const scratch = space.scratch("linearForward", 1, N, K);
    space.run("linearForward", [whole, scratch], whole, x!, w!, b!, scratch, 1, N, K);
    space.run("linearForward", [twice, scratch], twice, x!, w!, whole, scratch, 1, N, K);
    for (const parts of [[N], [4, N - 4], [N - 8, 4, 4]]) {
      let from = 0;
      for (const [i, part] of parts.entries()) {
        const n = i === parts.length - 1 ? N - from : part;
        const some = (array: Float32Array) => array.subarray(from, from + n);
        const own = some(sums);
        space.run("linearColumns", [some(y), own], some(y), x!, w!.subarray(from), some(b!), own, n, N, K);
        space.run("linearColumns", [some(y), own], some(y), x!, w!.subarray(from), some(y), own, n, N, K);
        from += n;
      }
      expect(y).toEqual(twice);
    }
  });

  test("linearBackward adds up many rows, to the bit", async () => {
    const space = await Workspace.on(backend, 1 << 22);
    const [M, N, K] = [MANY_ROWS, 12, 8];
    const [x, w, dy] = [M * K, K * N, M * N].map((n) => space.floats(integers(random, n, -8, 8)));
    const [dw, db, scratch] = [space.output(K * N), space.output(N), space.scratch("linearBackward", M, N, K)];
    space.run("linearBackward", [dw, db, scratch], 0, dw, db, dy!, x!, w!, scratch, M, N, K);
    expect(relativeError(dw, product(transposed(x!, M, K), dy!, K, M, N))).toBe(0);
    expect(relativeError(db, product(ones(M), dy!, 1, M, N))).toBe(0);
  });

  test("linearBackward skips dx if its address is 0", () => {
    const [M, N, K] = [5, 12, 8];
    space.clear();
    const [x, w, dy] = [whole(M * K), whole(K * N), whole(M * N)];
    const [dw, db] = [space.output(K * N), space.output(N)];
    const scratch = space.scratch("linearBackward", M, N, K);
    space.run("linearBackward", [dw, db, scratch], 0, dw, db, dy, x, w, scratch, M, N, K);
    expect(relativeError(dw, product(transposed(x, M, K), dy, K, M, N))).toBe(0);
    expect(relativeError(db, product(ones(M), dy, 1, M, N))).toBe(0);
  });

  test.each([
    [75, 52, 20],
    [3, 516, 260], // weights of more than 512 KB
    [15, 68, 1028], // slices of inner steps
    [130, 68, 1028], // and blocks of rows
  ])("a row of x·W + b has the same bits alone and among others: %i rows of %i sums of %i", async (M, N, K) => {
    const space = await Workspace.on(backend, 1 << 22);
    const [x, w, b] = [M * K, K * N, N].map((length) => space.floats(normals(random, length)));
    const [together, alone] = [space.output(M * N), space.output(N)];
    const scratch = space.scratch("linearForward", M, N, K);
    space.run("linearForward", [together, scratch], together, x!, w!, b!, scratch, M, N, K);
    // Wherever a row lies in its tile.
    for (let m = 0; m < M; m = m === 13 ? Math.max(14, M - 14) : m + 1) {
      space.run("linearForward", [alone, scratch], alone, x!.subarray(m * K), w!, b!, scratch, 1, N, K);
      expect(alone).toEqual(together.subarray(m * N, (m + 1) * N));
    }
  });
});
