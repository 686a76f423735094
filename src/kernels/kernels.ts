/**
 * What a backend is: these functions over one linear memory. Pointers are byte addresses in that memory, shapes count
 * float32 elements, output pointers come first and sizes last. Sizes that run along hidden units, inputs or outputs
 * (H, N, K, stride, n) are multiples of {@link LANES}; T, B, M, rows and V are any positive integer. Kernels check
 * nothing: whoever calls them has.
 */
export interface Kernels {
  /** out = eˣ. out, x: [n] */
  exp(out: number, x: number, n: number): void;
  /** out = 1 / (1 + e⁻ˣ). out, x: [n] */
  sigmoid(out: number, x: number, n: number): void;
  /** out = tanh x. out, x: [n] */
  tanh(out: number, x: number, n: number): void;
  /** out = ln x for finite, positive, normal x. out, x: [n] */
  log(out: number, x: number, n: number): void;

  /** out = 0. out [n] */
  clear(out: number, n: number): void;

  /** Bytes of scratch memory that a linear layer or a recurrent product of M rows, K inputs and N outputs needs. */
  scratchBytes(M: number, N: number, K: number): number;

  /** y = x·W + b. y [M, N], x [M, K], w [K, N], b [N] */
  linearForward(y: number, x: number, w: number, b: number, scratch: number, M: number, N: number, K: number): void;
  /** dx = dy·Wᵀ (skipped where dx is 0), dW = xᵀ·dy, db = column sums of dy. dx [M, K], dw [K, N], db [N], dy [M, N] */
  linearBackward(
    dx: number,
    dw: number,
    db: number,
    dy: number,
    x: number,
    w: number,
    scratch: number,
    M: number,
    N: number,
    K: number,
  ): void;

  /** y[r] = W[tokens[r]] + b, without b where it is 0. y [rows, N], tokens [rows] int32, w [V, N], b [N] */
  gatherForward(y: number, tokens: number, w: number, b: number, rows: number, N: number): void;
  /** Bytes of scratch memory that {@link gatherBackward} needs. */
  gatherScratchBytes(rows: number, V: number, N: number): number;
  /** dW[tokens[r]] += dy[r] from zero, db = column sums of dy, skipped where db is 0. dw [V, N], db [N], dy [rows, N], tokens [rows] int32 */
  gatherBackward(
    dw: number,
    db: number,
    dy: number,
    tokens: number,
    scratch: number,
    rows: number,
    V: number,
    N: number,
  ): void;

  /**
   * One LSTM layer over T steps. h, c [T + 1, B, H] with step 0 given; gates [T, B, 4, H] in as x·Wx + b, out activated;
   * wh [H, 4, H]; scratch of scratchBytes(B, 4H, H). Gates and cell states below 2⁻⁴⁶ become 0.
   */
  lstmForward(h: number, c: number, gates: number, wh: number, scratch: number, T: number, B: number, H: number): void;
  /**
   * Its back-propagation through time. dh [T, B, H] is the gradient of each output; dhState, dcState [B, H] come in as the
   * final state's gradient and go out as the initial state's; gates [T, B, 4, H] come in as activations and go out as
   * the gradient of their sums; dwh [H, 4, H]; scratch of scratchBytes(T · B, 4H, H). Gradients below 2⁻⁸⁰ become 0.
   */
  lstmBackward(
    dh: number,
    dhState: number,
    dcState: number,
    dwh: number,
    gates: number,
    h: number,
    c: number,
    wh: number,
    scratch: number,
    T: number,
    B: number,
    H: number,
  ): void;

  /** out[i] = 0 with probability p in (0, 1), else x[i] / (1 − p); which, is settled by the key (int32) and i. out, x [n] */
  dropout(out: number, x: number, n: number, p: number, key: number): void;

  /** scores = softmax(scores · inverseTemperature) in place, filling set to 0. scores [rows, stride], V of them real */
  softmax(scores: number, rows: number, V: number, stride: number, inverseTemperature: number): void;
  /**
   * Sum over the rows of −ln softmax(scores)[target], in nats; scores become gradientScale · (softmax − one-hot).
   * scores [rows, stride], targets [rows] int32
   */
  crossEntropy(scores: number, targets: number, rows: number, V: number, stride: number, gradientScale: number): number;

  /**
   * Sum over the rows of the mean over N values of (y − target)², or with delta above 0 of Huber's loss; values become
   * gradientScale times the gradient, filling 0. values, targets [rows, stride]
   */
  squaredError(
    values: number,
    targets: number,
    rows: number,
    N: number,
    stride: number,
    delta: number,
    gradientScale: number,
  ): number;

  /** out += x. out, x [n] */
  add(out: number, x: number, n: number): void;
  /** Σ x², in float64. x [n] */
  sumOfSquares(x: number, n: number): number;
  /** Clips x to [−limit, limit] in place. x [n] */
  clipByValue(x: number, n: number, limit: number): void;
  /**
   * torch.optim.SGD: g' = gradientScale · g + weightDecay · p, v = momentum · v + g', p −= learningRate · v; without
   * momentum where v is 0. previous = p as it was. p, previous, g, v [n]
   */
  sgd(
    p: number,
    previous: number,
    g: number,
    v: number,
    n: number,
    learningRate: number,
    momentum: number,
    weightDecay: number,
    gradientScale: number,
  ): void;
  /**
   * torch.optim.Adam and AdamW: g' = gradientScale · g + l2 · p, m and v its running mean and mean square,
   * p = shrink · p − learningRate · m̂ / (√v̂ + ε); corrections are 1 − β₁ᵗ and 1 − β₂ᵗ. p, previous, g, m, v [n]
   */
  adam(
    p: number,
    previous: number,
    g: number,
    m: number,
    v: number,
    n: number,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
    l2: number,
    shrink: number,
    gradientScale: number,
  ): void;
  /**
   * torch.optim.RMSprop: g' = gradientScale · g + weightDecay · p, v its running mean square,
   * p −= learningRate · g' / (√v + ε). p, previous, g, v [n]
   */
  rmsprop(
    p: number,
    previous: number,
    g: number,
    v: number,
    n: number,
    learningRate: number,
    alpha: number,
    epsilon: number,
    weightDecay: number,
    gradientScale: number,
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
  /** Absent where threads cannot share the memory. */
  readonly share?: Share;
}
