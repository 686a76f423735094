/**
 * Bytes of scratch memory that the kernels of a backend write to, for given sizes. The others need none. In float64, where
 * no product of sizes wraps.
 */
export interface ScratchBytes {
  linearForward(M: number, N: number, K: number): number;
  linearBackward(M: number, N: number, K: number): number;
  gatherBackward(rows: number, V: number, N: number): number;
  lstmForward(B: number, H: number): number;
  lstmBackward(T: number, B: number, H: number): number;
}

const F32 = 4;
/** As in assembly/matmul.ts: rows of a left factor that are packed at a time. */
const BLOCK_ROWS = 72;
/** Inner steps that are packed at a time, in Aᵀ·B. */
const BLOCK_STEPS = 256;
/** Inner steps whose sum has a place of its own, where there are more. */
const GROUP_STEPS = 64 * BLOCK_STEPS;
const TILE_COLUMNS = 8;
/** As in assembly/linear.ts: rows that are added up one after the other. */
const SUM_ROWS = 256;

const wholeTiles = (n: number): number => Math.ceil(n / TILE_COLUMNS) * TILE_COLUMNS;

/** A·B, A [M, K], B [K, N]: a block of A's rows, then the whole of B in panels of eight columns. */
const product = (N: number, K: number): number => F32 * (BLOCK_ROWS * K + K * wholeTiles(N));

/**
 * Aᵀ·B, A [K, M], B [K, N]: a block's steps of A, for which there is always room for all, then those of B, then the sum of
 * a group of blocks.
 */
const transposedProduct = (M: number, N: number, K: number): number =>
  F32 * (BLOCK_STEPS * M + Math.min(K, BLOCK_STEPS) * wholeTiles(N) + (K > GROUP_STEPS ? M * N : 0));

/**
 * What assembly/linear.ts, assembly/embedding.ts and assembly/lstm.ts make of it. One row is multiplied by the matrix where it lies: forward, a
 * large matrix takes a row of sums; backward, nothing is needed. A layer's backward pass has its products one after the
 * other, so that the larger one counts: xᵀ·dy for the weights, over all rows, and dy·Wᵀ for the inputs. In an LSTM layer
 * the rows of the recurrence are those of one step, while its weights' gradient is one product over all T · B rows.
 */
export const wasmScratch: ScratchBytes = {
  linearForward: (M, N, K) => (M === 1 ? F32 * N : product(N, K)),
  linearBackward: (M, N, K) => (M === 1 ? 0 : Math.max(transposedProduct(K, N, M), product(K, N))),
  // Two rows of sums, then the rows listed by their tokens, then where each token's end.
  gatherBackward: (rows, V, N) => (rows > SUM_ROWS ? F32 * (2 * N + rows + V + 1) : 0),
  lstmForward: (B, H) => (B === 1 ? F32 * 4 * H : product(4 * H, H)),
  lstmBackward: (T, B, H) => Math.max(transposedProduct(H, 4 * H, T * B), B === 1 ? 0 : product(H, 4 * H)),
};
