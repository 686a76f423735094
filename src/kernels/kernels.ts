import type { ScratchBytes } from "./scratch.js";

/**
 * The version of the interface between TypeScript and the .wasm files, which export it in a name (assembly/index.ts),
 * so that a cached file of another version is rejected. Increase it on both sides with every published change of kernel
 * arguments or memory layout.
 */
export const KERNEL_ABI = 1;

// AssemblyScript's type names, so that the signatures here and there are identical.
type usize = number;
type i32 = number;
type f32 = number;
type f64 = number;

/** Columns of packed weights that lie side by side: as the tiles of products of several rows read them, which single rows can too. */
export const TILE_COLUMNS = 8;
/** The same for products of single rows only, which so read them as one stream. */
export const ROW_COLUMNS = 48;

/**
 * The functions that make up a backend, over one linear memory. Pointers are byte addresses in that memory, shapes
 * count float32 elements, output pointers come first and sizes last. Sizes that run along hidden units, inputs or
 * outputs (H, N, K, stride, n) are multiples of {@link LANES}; T, B, M, rows and V are any positive integer. `scratch`
 * has {@link ScratchBytes} bytes. Kernels validate nothing: callers must.
 */
export interface Kernels {
  /** out = eˣ. out, x: [n] */
  exp(out: usize, x: usize, n: i32): void;
  /** out = 1 / (1 + e⁻ˣ). out, x: [n] */
  sigmoid(out: usize, x: usize, n: i32): void;
  /** out = tanh x. out, x: [n] */
  tanh(out: usize, x: usize, n: i32): void;
  /** out = ln x for finite, positive, normal x. out, x: [n] */
  log(out: usize, x: usize, n: i32): void;

  /** out = 0. out [n] */
  clear(out: usize, n: i32): void;
  /**
   * out[outRows[r]] = x[xRows[r]], rows of N 32-bit numbers. outRows, xRows [rows] int32, or 0 for 0, 1, 2, …; N is any
   * positive integer
   */
  copyRows(out: usize, outRows: usize, outStride: i32, x: usize, xRows: usize, xStride: i32, rows: i32, N: i32): void;

  /** y = x·W + b. y [M, N], x [M, K], w [K, N], b [N] */
  linearForward(y: usize, x: usize, w: usize, b: usize, scratch: usize, M: i32, N: i32, K: i32): void;
  /**
   * Copies w [K, N] to out, in the order in which products read it: {@link ScratchBytes.packWeights} bytes. `columns` is
   * TILE_COLUMNS, or ROW_COLUMNS for products of single rows.
   */
  packWeights(out: usize, w: usize, K: i32, N: i32, columns: i32): void;
  /** The same as linearForward, to the bit, for w as packWeights has it with as many columns. */
  linearForwardPacked(
    y: usize,
    x: usize,
    w: usize,
    b: usize,
    scratch: usize,
    M: i32,
    N: i32,
    K: i32,
    columns: i32,
  ): void;
  /** linearForward of one row for n of its N columns, to the bit. y, b [n], b may be y; x [K]; w [K, n] within [K, N]; scratch [n] */
  linearColumns(y: usize, x: usize, w: usize, b: usize, scratch: usize, n: i32, N: i32, K: i32): void;
  /** dx = dy·Wᵀ (skipped where dx is 0), dW = xᵀ·dy, db = column sums of dy. dx [M, K], dw [K, N], db [N], dy [M, N] */
  linearBackward(
    dx: usize,
    dw: usize,
    db: usize,
    dy: usize,
    x: usize,
    w: usize,
    scratch: usize,
    M: i32,
    N: i32,
    K: i32,
  ): void;

  /** y[r] = W[tokens[r]] + b, without b if it is 0. y [rows, N], tokens [rows] int32, w [V, N], b [N] */
  gatherForward(y: usize, tokens: usize, w: usize, b: usize, rows: i32, N: i32): void;
  /** dW[tokens[r]] += dy[r] from zero, db = column sums of dy, skipped where db is 0. dw [V, N], db [N], dy [rows, N], tokens [rows] int32 */
  gatherBackward(dw: usize, db: usize, dy: usize, tokens: usize, scratch: usize, rows: i32, V: i32, N: i32): void;

  /**
   * One LSTM layer over T steps of B sequences. With `counts` [T] int32, step t has only the first counts[t] of them,
   * counts[0] being B and none larger than the one before: sequences sorted by length, step by step, as in PyTorch's
   * PackedSequence. counts = 0 stands for B at every step. `rows` is their sum. h, c [B + rows, H], which begin with the
   * initial state; gates [rows, 4, H], x·Wx + b on entry, activations on return; wh [H, 4, H]. Gates and cell states
   * below 2⁻⁴⁶ become 0.
   */
  lstmForward(h: usize, c: usize, gates: usize, wh: usize, counts: usize, scratch: usize, T: i32, B: i32, H: i32): void;
  /**
   * The same as one step of lstmForward, to the bit, for wh as packWeights has it with as many columns. h, c [2 · B, H],
   * gates [B, 4, H]
   */
  lstmStepPacked(h: usize, c: usize, gates: usize, wh: usize, scratch: usize, B: i32, H: i32, columns: i32): void;
  /**
   * One step of lstmForward from the sums of its gates on, to the bit. h, c, cPrevious [B, H]; gates [B, 4, H], sums on entry,
   * activations on return
   */
  cellForward(h: usize, c: usize, gates: usize, cPrevious: usize, B: i32, H: i32): void;
  /**
   * Its backpropagation through time. dh [rows, H] is the gradient of each output; dhState, dcState [B, H], the
   * gradient of the final states on entry, of the initial states on return; gates [rows, 4, H], activations on entry,
   * the gradient of the pre-activations on return; dwh [H, 4, H]. Gradients below 2⁻⁸⁰ become 0. With counts, h is
   * undefined on return.
   */
  lstmBackward(
    dh: usize,
    dhState: usize,
    dcState: usize,
    dwh: usize,
    gates: usize,
    h: usize,
    c: usize,
    wh: usize,
    counts: usize,
    scratch: usize,
    T: i32,
    B: i32,
    H: i32,
  ): void;

  /** out[i] = 0 with probability p in (0, 1), else x[i] / (1 − p); the key (int32) and i decide which. out, x [n] */
  dropout(out: usize, x: usize, n: i32, p: f64, key: i32): void;

  /**
   * logits = softmax(logits · inverseTemperature) in place, padding set to 0. logits [rows, stride], V valid
   */
  softmax(logits: usize, rows: i32, V: i32, stride: i32, inverseTemperature: f32): void;
  /**
   * Sum over the rows of −weight · ln softmax(logits)[target], in nats; logits become gradientScale times its gradient.
   * Rows with the target −1 have no loss. logits [rows, stride]; targets [rows] int32; weights [rows], or 0 for 1
   */
  crossEntropy(logits: usize, targets: usize, weights: usize, rows: i32, V: i32, stride: i32, gradientScale: f32): f64;

  /**
   * Sum over the rows of weight times the mean over N values of (y − target)², or of the Huber loss if delta is above
   * 0; values become gradientScale times its gradient, padding 0. Targets that are NaN add 0. values, targets
   * [rows, stride]; weights [rows], or 0 for 1
   */
  squaredError(
    values: usize,
    targets: usize,
    weights: usize,
    rows: i32,
    N: i32,
    stride: i32,
    delta: f32,
    gradientScale: f32,
  ): f64;
  /**
   * Sum over the rows of weight times the pinball loss, divided by N, of the values first, first + step, … of each row;
   * these become gradientScale times its gradient, padding 0. Targets that are NaN add 0. values, targets [rows, stride];
   * weights [rows], or 0 for 1
   */
  pinball(
    values: usize,
    targets: usize,
    weights: usize,
    rows: i32,
    N: i32,
    stride: i32,
    first: i32,
    step: i32,
    quantile: f32,
    gradientScale: f32,
  ): f64;

  /** out += x. out, x [n] */
  add(out: usize, x: usize, n: i32): void;
  /** Σ x², in float64. x [n] */
  sumOfSquares(x: usize, n: i32): f64;
  /** Clips x to [−limit, limit] in place. x [n] */
  clipByValue(x: usize, n: i32, limit: f32): void;
  /**
   * torch.optim.SGD: g' = gradientScale · g + weightDecay · p, v = momentum · v + g', p −= learningRate · v; without
   * momentum if v is 0. previous receives the old p. p, previous, g, v [n]
   */
  sgd(
    p: usize,
    previous: usize,
    g: usize,
    v: usize,
    n: i32,
    learningRate: f64,
    momentum: f64,
    weightDecay: f64,
    gradientScale: f64,
  ): void;
  /**
   * torch.optim.Adam and AdamW: g' = gradientScale · g + l2 · p, m and v its running mean and mean square,
   * p = shrink · p − learningRate · m̂ / (√v̂ + ε); corrections are 1 − β₁ᵗ and 1 − β₂ᵗ. p, previous, g, m, v [n]
   */
  adam(
    p: usize,
    previous: usize,
    g: usize,
    m: usize,
    v: usize,
    n: i32,
    learningRate: f64,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    correction1: f64,
    correction2: f64,
    l2: f64,
    shrink: f64,
    gradientScale: f64,
  ): void;
  /**
   * torch.optim.RMSprop: g' = gradientScale · g + weightDecay · p, v its running mean square,
   * p −= learningRate · g' / (√v + ε). p, previous, g, v [n]
   */
  rmsprop(
    p: usize,
    previous: usize,
    g: usize,
    v: usize,
    n: i32,
    learningRate: f64,
    alpha: f64,
    epsilon: f64,
    weightDecay: f64,
    gradientScale: f64,
  ): void;
}

/** Padded sizes are multiples of this: one WebAssembly vector holds four float32 numbers. */
export const LANES = 4;

/** `n` rounded up to a multiple of {@link LANES}. */
export const padded = (n: number): number => Math.ceil(n / LANES) * LANES;

/**
 * `relaxed-simd` is WebAssembly with fused multiply-adds, `simd` without them; `javascript` is the same kernels in
 * plain JavaScript.
 */
export type Backend = "relaxed-simd" | "simd" | "javascript";

/** The backends, fastest first. */
export const BACKENDS = ["relaxed-simd", "simd", "javascript"] as const satisfies readonly Backend[];

/** The backends that are builds of `assembly/`. */
export type WasmBackend = Exclude<Backend, "javascript">;

/**
 * The range of 32-bit addresses, less 64 KiB, so that the address after an array, and a loop's last look-ahead, do not
 * wrap around to 0.
 */
export const ADDRESSABLE = 2 ** 32 - 65536;

/** The memory of a set of kernels. It only grows, and growing detaches older views. */
export interface KernelMemory {
  readonly buffer: ArrayBufferLike;
  /** The first usable byte. */
  readonly base: number;
  /** Grows the memory to at least `bytes`. Throws if the host refuses. */
  reserve(bytes: number): void;
}

/** What another thread needs to run the same kernels on the same bytes. */
export interface Share {
  /** All kernels. */
  readonly module: () => Promise<WebAssembly.Module>;
  readonly memory: WebAssembly.Memory;
}

/** An instance of a backend with its memory. */
export interface KernelInstance {
  readonly backend: Backend;
  /** Where {@link complete} is there and was not called: without those of training. */
  readonly kernels: Kernels;
  readonly memory: KernelMemory;
  /** The scratch memory that the kernels need. */
  readonly scratchBytes: ScratchBytes;
  /** Loads the kernels that are missing into `kernels`. */
  readonly complete?: () => Promise<void>;
  /** Absent if threads cannot share the memory. */
  readonly share?: Share;
}
