// The network in float64, written for the reader and not for speed: what the kernels are compared with. Names and
// shapes are PyTorch's, matrices are flat and row-major, a layer's four gates are stacked in the order i, f, g, o. There
// is no bias_hh: it would only add to bias_ih.

/** Parameters, or their gradients, by PyTorch's names. */
export type Tensors = Record<string, Float64Array>;

export interface Sizes {
  /** Time steps. */
  readonly T: number;
  /** Sequences side by side. */
  readonly B: number;
  /** Numbers in an input vector. */
  readonly I: number;
  /** Hidden units. */
  readonly H: number;
  /** Scores, or values that come out. */
  readonly V: number;
  readonly layers: number;
  /** D: 2 if each layer reads from both ends. Default 1. */
  readonly directions?: number;
}

/** What dropout multiplies the outputs of each layer with: [T, B, D·H], 0 or 1 / (1 − p). */
export type Masks = readonly Float64Array[];

/** What one layer remembers for its backward pass. */
interface LayerPass {
  /** [T, B, inputs] */
  readonly x: Float64Array;
  /** [T, B, 4H], activated */
  readonly gates: Float64Array;
  /** [T + 1, B, H], the initial state first */
  readonly h: Float64Array;
  /** [T + 1, B, H] */
  readonly c: Float64Array;
}

export interface Pass {
  /** Of each layer and direction, the second over the reversed inputs. */
  readonly layers: readonly (readonly LayerPass[])[];
  /** [T, B, D·H] of each layer: what it hands on */
  readonly outputs: readonly Float64Array[];
  readonly masks: Masks | undefined;
  /** [T, B, V] */
  readonly scores: Float64Array;
  /** [layers · D, B, H], the state after the last step */
  readonly hFinal: Float64Array;
  readonly cFinal: Float64Array;
}

export interface Gradients {
  readonly parameters: Tensors;
  /** [T, B, I] */
  readonly x: Float64Array;
  /** [layers · D, B, H] */
  readonly h0: Float64Array;
  readonly c0: Float64Array;
}

/** Tokens [T, B] as vectors [T, B, V]. */
export function oneHot(tokens: ArrayLike<number>, V: number): Float64Array {
  const x = new Float64Array(tokens.length * V);
  for (let row = 0; row < tokens.length; row++) x[row * V + tokens[row]!] = 1;
  return x;
}

/** Tokens [T, B] as their rows of an embedding [V, E]: [T, B, E]. */
export function embed(tokens: ArrayLike<number>, embedding: Float64Array, E: number): Float64Array {
  const x = new Float64Array(tokens.length * E);
  for (let row = 0; row < tokens.length; row++) x.set(rowOf(embedding, tokens[row]!, E), row * E);
  return x;
}

/** The gradient of an embedding [V, E] from that of the vectors that were taken from it, dx [T, B, E]. */
export function embedBackward(dx: Float64Array, tokens: ArrayLike<number>, V: number, E: number): Float64Array {
  const d = new Float64Array(V * E);
  for (let row = 0; row < tokens.length; row++) {
    for (let e = 0; e < E; e++) d[tokens[row]! * E + e]! += dx[row * E + e]!;
  }
  return d;
}

/** From inputs x [T, B, I] and initial states h0, c0 [layers · D, B, H] to scores. */
export function forward(
  p: Tensors,
  sizes: Sizes,
  x: Float64Array,
  h0: Float64Array,
  c0: Float64Array,
  masks?: Masks,
): Pass {
  const { T, B, H, V, directions: D = 1 } = sizes;
  const layers: LayerPass[][] = [];
  const outputs: Float64Array[] = [];
  const hFinal = new Float64Array(h0.length);
  const cFinal = new Float64Array(c0.length);
  for (let l = 0; l < sizes.layers; l++) {
    const input = outputs[l - 1] ?? x;
    const passes = Array.from({ length: D }, (_, d) => {
      const k = l * D + d;
      const read = d === 0 ? input : reversed(input, T);
      const pass = layerForward(p, suffixOf(l, d), sizes, read, rowOf(h0, k, B * H), rowOf(c0, k, B * H));
      hFinal.set(rowOf(pass.h, T, B * H), k * B * H);
      cFinal.set(rowOf(pass.c, T, B * H), k * B * H);
      return pass;
    });
    layers.push(passes);
    outputs.push(
      masked(
        sideBySide(
          passes.map(({ h }, d) => inOrder(h.subarray(B * H), T, d)),
          H,
        ),
        masks?.[l],
      ),
    );
  }
  const scores = new Float64Array(T * B * V);
  for (let row = 0; row < T * B; row++) {
    const y = rowOf(scores, row, V);
    y.set(p["linear.bias"]!);
    addProduct(y, p["linear.weight"]!, rowOf(outputs.at(-1)!, row, D * H));
  }
  return { layers, outputs, masks, scores, hFinal, cFinal };
}

/**
 * From the gradients of the scores [T, B, V] and, where something depends on it, of the final state [layers · D, B, H],
 * to all others.
 */
export function backward(
  p: Tensors,
  sizes: Sizes,
  { layers, outputs, masks, hFinal, cFinal }: Pass,
  dScores: Float64Array,
  dhFinal: Float64Array = new Float64Array(hFinal.length),
  dcFinal: Float64Array = new Float64Array(cFinal.length),
): Gradients {
  const { T, B, H, V, directions: D = 1 } = sizes;
  const d: Tensors = {};
  for (const [name, values] of Object.entries(p)) d[name] = new Float64Array(values.length);

  let dOutput: Float64Array = new Float64Array(T * B * D * H);
  for (let row = 0; row < T * B; row++) {
    const dy = rowOf(dScores, row, V);
    for (let v = 0; v < V; v++) d["linear.bias"]![v]! += dy[v]!;
    addOuterProduct(d["linear.weight"]!, dy, rowOf(outputs.at(-1)!, row, D * H));
    addTransposedProduct(rowOf(dOutput, row, D * H), p["linear.weight"]!, dy);
  }
  const h0 = Float64Array.from(dhFinal);
  const c0 = Float64Array.from(dcFinal);
  for (let l = sizes.layers - 1; l >= 0; l--) {
    const dh = masked(dOutput, masks?.[l]);
    const dx = layers[l]!.map((pass, direction) => {
      const k = l * D + direction;
      const mine = inOrder(columnsOf(dh, direction, H, D), T, direction);
      const [dh0, dc0] = [rowOf(h0, k, B * H), rowOf(c0, k, B * H)];
      return inOrder(layerBackward(p, d, suffixOf(l, direction), sizes, pass, mine, dh0, dc0), T, direction);
    });
    dOutput = dx.reduce((total, part) => total.map((value, i) => value + part[i]!));
  }
  return { parameters: d, x: dOutput, h0, c0 };
}

const suffixOf = (layer: number, direction: number): string => `l${layer}${direction === 0 ? "" : "_reverse"}`;

/** [T, …] from its end to its start. */
function reversed(x: Float64Array, T: number): Float64Array {
  const size = x.length / T;
  return Float64Array.from(x, (_, i) => x[(T - 1 - Math.floor(i / size)) * size + (i % size)]!);
}

/** What the second direction reads or gives runs from the end. */
const inOrder = (x: Float64Array, T: number, direction: number) => (direction === 0 ? x : reversed(x, T));

/** D matrices [rows, H] as one [rows, D·H]. */
const sideBySide = (parts: readonly Float64Array[], H: number): Float64Array =>
  parts.length === 1
    ? parts[0]!
    : Float64Array.from({ length: parts.length * parts[0]!.length }, (_, i) => {
        const [row, column] = [Math.floor(i / (parts.length * H)), i % (parts.length * H)];
        return parts[Math.floor(column / H)]![row * H + (column % H)]!;
      });

/** Part k of the D parts of [rows, D·H]. */
const columnsOf = (x: Float64Array, k: number, H: number, D: number): Float64Array =>
  D === 1 ? x : x.filter((_, i) => Math.floor((i % (D * H)) / H) === k);

/**
 * −Σ weight · ln softmax(scores)[target] over all rows, in nats, and its gradient. Rows whose target is −1 have neither.
 */
export function crossEntropy(
  scores: Float64Array,
  targets: ArrayLike<number>,
  V: number,
  weights: ArrayLike<number> = new Float64Array(targets.length).fill(1),
) {
  const gradient = new Float64Array(scores.length);
  let loss = 0;
  for (let row = 0; row < targets.length; row++) {
    const x = rowOf(scores, row, V);
    const target = targets[row]!;
    const weight = weights[row]!;
    if (target === -1) continue;
    const largest = Math.max(...x);
    const sum = x.reduce((total, score) => total + Math.exp(score - largest), 0);
    loss += weight * (Math.log(sum) + largest - x[target]!);
    for (let v = 0; v < V; v++)
      gradient[row * V + v] = weight * (Math.exp(x[v]! - largest) / sum - (v === target ? 1 : 0));
  }
  return { loss, gradient };
}

/**
 * weight times the mean over N values of (y − target)² or, with delta above 0, of Huber's loss, summed over all rows, and
 * its gradient. Targets that are NaN add nothing. values, targets [rows, N]
 */
export function squaredError(
  values: Float64Array,
  targets: ArrayLike<number>,
  N: number,
  delta: number,
  weights: ArrayLike<number> = new Float64Array(targets.length / N).fill(1),
) {
  const gradient = new Float64Array(values.length);
  let loss = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(targets[i]!)) continue;
    const d = values[i]! - targets[i]!;
    const size = Math.abs(d);
    const share = weights[Math.floor(i / N)]! / N;
    loss += share * (delta === 0 ? d ** 2 : size <= delta ? d ** 2 / 2 : delta * (size - delta / 2));
    gradient[i] = share * (delta === 0 ? 2 * d : Math.sign(d) * Math.min(size, delta));
  }
  return { loss, gradient };
}

/**
 * weight times the mean over N values of the pinball loss, summed over all rows, and its gradient: value i of a row is
 * quantiles[i mod Q] of its target. Targets that are NaN add nothing. values, targets [rows, N]
 */
export function pinball(
  values: Float64Array,
  targets: ArrayLike<number>,
  N: number,
  quantiles: readonly number[],
  weights: ArrayLike<number> = new Float64Array(targets.length / N).fill(1),
) {
  const gradient = new Float64Array(values.length);
  let loss = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(targets[i]!)) continue;
    const quantile = quantiles[(i % N) % quantiles.length]!;
    const d = values[i]! - targets[i]!;
    const share = weights[Math.floor(i / N)]! / N;
    loss += share * Math.max(-quantile * d, (1 - quantile) * d);
    gradient[i] = share * (d > 0 ? 1 - quantile : d < 0 ? -quantile : 0);
  }
  return { loss, gradient };
}

/** One layer: x [T, B, inputs], h0 and c0 [B, H]. */
function layerForward(
  p: Tensors,
  suffix: string,
  { T, B, H }: Sizes,
  x: Float64Array,
  h0: Float64Array,
  c0: Float64Array,
): LayerPass {
  const gates = new Float64Array(T * B * 4 * H);
  const h = new Float64Array((T + 1) * B * H);
  const c = new Float64Array((T + 1) * B * H);
  h.set(h0);
  c.set(c0);
  for (let row = 0; row < T * B; row++) {
    // Row t·B + b of h and c is the state before time t, since step 0 is the initial one.
    const [hBefore, cBefore] = [rowOf(h, row, H), rowOf(c, row, H)];
    const [hHere, cHere] = [rowOf(h, row + B, H), rowOf(c, row + B, H)];
    const a = rowOf(gates, row, 4 * H);
    a.set(p[`lstm.bias_ih_${suffix}`]!);
    addProduct(a, p[`lstm.weight_ih_${suffix}`]!, rowOf(x, row, x.length / (T * B)));
    addProduct(a, p[`lstm.weight_hh_${suffix}`]!, hBefore);
    for (let u = 0; u < H; u++) {
      const i = sigmoid(a[u]!);
      const f = sigmoid(a[H + u]!);
      const g = Math.tanh(a[2 * H + u]!);
      const o = sigmoid(a[3 * H + u]!);
      cHere[u] = f * cBefore[u]! + i * g;
      hHere[u] = o * Math.tanh(cHere[u]!);
      a[u] = i;
      a[H + u] = f;
      a[2 * H + u] = g;
      a[3 * H + u] = o;
    }
  }
  return { x, gates, h, c };
}

/**
 * Back-propagation through time. dOutput [T, B, H] comes from above; dh and dc [B, H] come in as the gradient of the
 * final state and go out as that of the initial one. Adds to the layer's gradients in d and returns that of x.
 */
function layerBackward(
  p: Tensors,
  d: Tensors,
  suffix: string,
  { T, B, H }: Sizes,
  { x, gates, h, c }: LayerPass,
  dOutput: Float64Array,
  dh: Float64Array,
  dc: Float64Array,
): Float64Array {
  const inputs = x.length / (T * B);
  const dx = new Float64Array(x.length);
  for (let row = T * B - 1; row >= 0; row--) {
    const cBefore = rowOf(c, row, H);
    const cHere = rowOf(c, row + B, H);
    const dhNext = rowOf(dh, row % B, H);
    const dcNext = rowOf(dc, row % B, H);
    const a = rowOf(gates, row, 4 * H);
    const da = new Float64Array(4 * H);
    for (let u = 0; u < H; u++) {
      const [i, f, g, o] = [a[u]!, a[H + u]!, a[2 * H + u]!, a[3 * H + u]!];
      const tanhC = Math.tanh(cHere[u]!);
      const dhHere = dOutput[row * H + u]! + dhNext[u]!;
      const dcHere = dcNext[u]! + dhHere * o * (1 - tanhC ** 2);
      da[u] = dcHere * g * i * (1 - i);
      da[H + u] = dcHere * cBefore[u]! * f * (1 - f);
      da[2 * H + u] = dcHere * i * (1 - g ** 2);
      da[3 * H + u] = dhHere * tanhC * o * (1 - o);
      dcNext[u] = dcHere * f;
    }
    for (let j = 0; j < 4 * H; j++) d[`lstm.bias_ih_${suffix}`]![j]! += da[j]!;
    addOuterProduct(d[`lstm.weight_ih_${suffix}`]!, da, rowOf(x, row, inputs));
    addOuterProduct(d[`lstm.weight_hh_${suffix}`]!, da, rowOf(h, row, H));
    addTransposedProduct(rowOf(dx, row, inputs), p[`lstm.weight_ih_${suffix}`]!, da);
    addTransposedProduct(dhNext.fill(0), p[`lstm.weight_hh_${suffix}`]!, da);
  }
  return dx;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const masked = (x: Float64Array, mask: Float64Array | undefined): Float64Array =>
  mask ? x.map((value, i) => value * mask[i]!) : x;

/** Row r of a matrix whose rows are n long. */
const rowOf = (matrix: Float64Array, r: number, n: number): Float64Array => matrix.subarray(r * n, (r + 1) * n);

/** y += W·x. y [outputs], W [outputs, inputs], x [inputs] */
function addProduct(y: Float64Array, w: Float64Array, x: Float64Array): void {
  for (let j = 0; j < y.length; j++) {
    for (let k = 0; k < x.length; k++) y[j]! += w[j * x.length + k]! * x[k]!;
  }
}

/** dx += Wᵀ·dy. dx [inputs], W [outputs, inputs], dy [outputs] */
function addTransposedProduct(dx: Float64Array, w: Float64Array, dy: Float64Array): void {
  for (let j = 0; j < dy.length; j++) {
    for (let k = 0; k < dx.length; k++) dx[k]! += w[j * dx.length + k]! * dy[j]!;
  }
}

/** dW += dy·xᵀ. dW [outputs, inputs], dy [outputs], x [inputs] */
function addOuterProduct(dw: Float64Array, dy: Float64Array, x: Float64Array): void {
  for (let j = 0; j < dy.length; j++) {
    for (let k = 0; k < x.length; k++) dw[j * x.length + k]! += dy[j]! * x[k]!;
  }
}
