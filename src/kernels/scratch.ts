/**
 * Bytes of scratch memory that a backend's kernels need for given sizes. Other kernels need none. Computed in float64,
 * where no product of sizes overflows.
 */
export interface ScratchBytes {
  linearForward(M: number, N: number, K: number): number;
  linearBackward(M: number, N: number, K: number): number;
  gatherBackward(rows: number, V: number, N: number): number;
  lstmForward(B: number, H: number): number;
  lstmBackward(rows: number, B: number, H: number): number;
  /** Not scratch memory, but a packed copy of w [K, N]. Absent where packing is of no use. */
  packWeights?(K: number, N: number): number;
}

const F32 = 4;
/** As in assembly/matmul.ts: rows of the left factor that are packed at a time. */
const BLOCK_ROWS = 72;
/** Columns of the right factor that are packed at a time where all of the left factor is packed, which has at most so many floats. */
const BLOCK_COLUMNS = 64;
const WHOLE_LEFT = 131_072;
/** Inner steps of A·B that are computed at a time. */
const SLICE_STEPS = 512;
/** Inner steps that are packed at a time, in Aᵀ·B. */
const BLOCK_STEPS = 256;
/** Inner steps whose sum is computed by itself if there are more. */
const GROUP_STEPS = 64 * BLOCK_STEPS;
const TILE_COLUMNS = 8;
/** As in assembly/linear.ts: rows that are added up at a time. */
const SUM_ROWS = 256;

const wholeTiles = (n: number): number => Math.ceil(n / TILE_COLUMNS) * TILE_COLUMNS;

const wholePanels = (m: number): number => Math.ceil(m / 4) * 4;

/** A·B, B [K, N] in panels of eight columns already, or as a whole: then a block of A's rows, and B. */
const packedProduct = (N: number, K: number): number => F32 * K * (BLOCK_ROWS + wholeTiles(N));

/** A·B, A [M, K], B [K, N]: a slice of inner steps of a block of A's rows, and of B. */
const slicedProduct = (N: number, K: number): number => packedProduct(N, Math.min(K, SLICE_STEPS));

/** The same, or A as a whole if it is small, and a block of B's columns. */
const product = (M: number, N: number, K: number): number =>
  N <= BLOCK_COLUMNS || M * K > WHOLE_LEFT ? slicedProduct(N, K) : F32 * K * (wholePanels(M) + BLOCK_COLUMNS);

/** A block of the rows of A [M, K], where the right factor is packed already. */
const packedLeft = (M: number, K: number): number => F32 * K * Math.min(BLOCK_ROWS, wholePanels(M));

/**
 * Aᵀ·B, A [K, M], B [K, N]: one block of steps of A, always at full size, then of some of B's columns, then the sum of a
 * group of blocks if there is more than one group.
 */
const transposedProduct = (M: number, N: number, K: number): number => {
  const columns = Math.min(wholeTiles(N), BLOCK_COLUMNS);
  return (
    F32 * (BLOCK_STEPS * M + (K > GROUP_STEPS ? BLOCK_STEPS * columns + M * N : Math.min(K, BLOCK_STEPS) * columns))
  );
};

/**
 * The needs of assembly/linear.ts, embedding.ts and lstm.ts. A single row is multiplied by the unpacked matrix:
 * forward, a large matrix takes a row of sums; backward, nothing is needed. A layer's backward pass computes its
 * products one after another, so the larger one counts: xᵀ·dy for the weights, over all rows, and dy·Wᵀ for the inputs.
 * In an LSTM layer the recurrence has the rows of one step, while its weights' gradient is one product over all
 * rows.
 */
export const wasmScratch: ScratchBytes = {
  // Also what linearForwardPacked needs.
  linearForward: (M, N, K) => (M === 1 ? F32 * N : Math.max(product(M, N, K), packedLeft(M, K))),
  linearBackward: (M, N, K) => (M === 1 ? 0 : Math.max(transposedProduct(K, N, M), slicedProduct(K, N))),
  // Two rows of sums, the list of rows, and the end of each token's rows in it.
  gatherBackward: (rows, V, N) => (rows > SUM_ROWS ? F32 * (2 * N + rows + V + 1) : 0),
  lstmForward: (B, H) => (B === 1 ? F32 * 4 * H : packedProduct(4 * H, H)),
  lstmBackward: (rows, B, H) => Math.max(transposedProduct(H, 4 * H, rows), B === 1 ? 0 : packedProduct(H, 4 * H)),
  packWeights: (K, N) => F32 * K * wholeTiles(N),
};
