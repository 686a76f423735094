import type { ScratchBytes } from "./scratch.js";

/**
 * The number of the interface between TypeScript and the .wasm files, which is also in the name of an export of theirs
 * (assembly/index.ts): a cached file of another version is refused, and not computed with. To be raised, on both sides,
 * with every published change of what kernels are given, find in memory, or take of it.
 */
export const KERNEL_ABI = 1;

// AssemblyScript's names of what a number is on the other side: signatures here and there are the same, word for word.
type usize = number;
type i32 = number;
type f32 = number;
type f64 = number;

/**
 * What a backend is: these functions over one linear memory. Pointers are byte addresses in that memory, shapes count
 * float32 elements, output pointers come first and sizes last. Sizes that run along hidden units, inputs or outputs
 * (H, N, K, stride, n) are multiples of {@link LANES}; T, B, M, rows and V are any positive integer. `scratch` is as many
 * bytes as {@link ScratchBytes} says. Kernels check nothing: whoever calls them has.
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

  /** y = x·W + b. y [M, N], x [M, K], w [K, N], b [N] */
  linearForward(y: usize, x: usize, w: usize, b: usize, scratch: usize, M: i32, N: i32, K: i32): void;
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

  /** y[r] = W[tokens[r]] + b, without b where it is 0. y [rows, N], tokens [rows] int32, w [V, N], b [N] */
  gatherForward(y: usize, tokens: usize, w: usize, b: usize, rows: i32, N: i32): void;
  /** dW[tokens[r]] += dy[r] from zero, db = column sums of dy, skipped where db is 0. dw [V, N], db [N], dy [rows, N], tokens [rows] int32 */
  gatherBackward(dw: usize, db: usize, dy: usize, tokens: usize, scratch: usize, rows: i32, V: i32, N: i32): void;

  /**
   * One LSTM layer over T steps. h, c [T + 1, B, H] with step 0 given; gates [T, B, 4, H] in as x·Wx + b, out activated;
   * wh [H, 4, H]. Gates and cell states below 2⁻⁴⁶ become 0.
   */
  lstmForward(h: usize, c: usize, gates: usize, wh: usize, scratch: usize, T: i32, B: i32, H: i32): void;
  /**
   * Its back-propagation through time. dh [T, B, H] is the gradient of each output; dhState, dcState [B, H] come in as the
   * final state's gradient and go out as the initial state's; gates [T, B, 4, H] come in as activations and go out as
   * the gradient of their sums; dwh [H, 4, H]. Gradients below 2⁻⁸⁰ become 0.
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
    scratch: usize,
    T: i32,
    B: i32,
    H: i32,
  ): void;

  /** out[i] = 0 with probability p in (0, 1), else x[i] / (1 − p); which, is settled by the key (int32) and i. out, x [n] */
  dropout(out: usize, x: usize, n: i32, p: f64, key: i32): void;

  /** scores = softmax(scores · inverseTemperature) in place, filling set to 0. scores [rows, stride], V of them real */
  softmax(scores: usize, rows: i32, V: i32, stride: i32, inverseTemperature: f32): void;
  /**
   * Sum over the rows of −ln softmax(scores)[target], in nats; scores become gradientScale · (softmax − one-hot).
   * scores [rows, stride], targets [rows] int32
   */
  crossEntropy(scores: usize, targets: usize, rows: i32, V: i32, stride: i32, gradientScale: f32): f64;

  /**
   * Sum over the rows of the mean over N values of (y − target)², or with delta above 0 of Huber's loss; values become
   * gradientScale times the gradient, filling 0. values, targets [rows, stride]
   */
  squaredError(values: usize, targets: usize, rows: i32, N: i32, stride: i32, delta: f32, gradientScale: f32): f64;

  /** out += x. out, x [n] */
  add(out: usize, x: usize, n: i32): void;
  /** Σ x², in float64. x [n] */
  sumOfSquares(x: usize, n: i32): f64;
  /** Clips x to [−limit, limit] in place. x [n] */
  clipByValue(x: usize, n: i32, limit: f32): void;
  /**
   * torch.optim.SGD: g' = gradientScale · g + weightDecay · p, v = momentum · v + g', p −= learningRate · v; without
   * momentum where v is 0. previous = p as it was. p, previous, g, v [n]
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
 * `relaxed-simd` is WebAssembly with fused multiply-adds, `simd` without, `javascript` the same kernels in plain
 * JavaScript.
 */
export type Backend = "relaxed-simd" | "simd" | "javascript";

/** The sets of kernels, fastest first. */
export const BACKENDS = ["relaxed-simd", "simd", "javascript"] as const satisfies readonly Backend[];

/** The backends that are builds of `assembly/`. */
export type WasmBackend = Exclude<Backend, "javascript">;

/**
 * What 32-bit addresses reach, but for 64 KiB: the address behind an array, and those that a loop looks at last, shall not
 * begin again at 0.
 */
export const ADDRESSABLE = 2 ** 32 - 65536;

/** The bytes that a set of kernels computes on. They only ever grow, and growing detaches older views. */
export interface KernelMemory {
  readonly buffer: ArrayBufferLike;
  /** The first byte that is free for use. */
  readonly base: number;
  /** Makes the memory at least `bytes` long. Throws where the host refuses. */
  reserve(bytes: number): void;
}

/** What another thread needs to run the same kernels on the same bytes. */
export interface Share {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** One backend at work on one memory. */
export interface KernelInstance {
  readonly backend: Backend;
  readonly kernels: Kernels;
  readonly memory: KernelMemory;
  /** What the kernels need besides their arguments. */
  readonly scratchBytes: ScratchBytes;
  /** Absent where threads cannot share the memory. */
  readonly share?: Share;
}
