import { gates3, tanh4, tanhBySquare4 } from "./activations";
import { isArray, isPadded, isVector } from "./check";
import { cut4, cutState4, leastGradient4 } from "./cut";
import {
  BLOCK_ROWS,
  multiplyPacked,
  multiplyTransposedLeft,
  packWeights,
  packWeightsTransposed,
  ROW_COLUMNS,
  TILE_COLUMNS,
  transposeGates,
} from "./matmul";
import { F32, madd, nmadd } from "./simd";
import { isTransposable, multiplyColumn, multiplyRow, multiplyRowPacked, multiplyTransposed } from "./vector";

// One layer over a whole sequence (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), the
// equations of torch.nn.LSTM:
//
//   i = σ(a_i)   f = σ(a_f)   g = tanh(a_g)   o = σ(a_o)      a = x·Wx + b + h₋₁·Wh
//   c = f ∘ c₋₁ + i ∘ g       h = o ∘ tanh c
//
// Gate order i, f, g, o, each a block of H columns: only this file and GATES in src/network/lstm-layer.ts know it. H is
// the hidden size rounded up to a multiple of four. The padding's units have no weights: their gates are ½, and their g,
// c, h and gradients stay exactly 0.
//
// Values that are too small to matter become 0: see cut.ts.
//
// Rows lie step by step. With `counts`, step t has the first counts[t] of the B sequences, which are sorted by length,
// the longest first (PyTorch's PackedSequence); with counts = 0 every step has all B. `rows` is the sum over the steps.
//
// h and c begin with the initial state, B rows; the rows of time t follow those of time t − 1. `gates` is x·Wx + b at
// first, the activations after the forward pass, and the gradient of a after the backward pass.

/** The number of sequences that have a step t. */
@inline
export function rowsAt(counts: usize, t: i32, B: i32): i32 {
  return counts ? load<i32>(counts + (<usize>t << 2)) : B;
}

/** Whether counts fall from B, and stay above 0. */
function areCounts(counts: usize, T: i32, B: i32): bool {
  if (ASC_NO_ASSERT || !counts) return true;
  if (!isArray(counts, T) || rowsAt(counts, 0, B) != B) return false;
  for (let t = 1; t < T; t++) if (rowsAt(counts, t, B) > rowsAt(counts, t - 1, B)) return false;
  return rowsAt(counts, T - 1, B) > 0;
}

function sumOfCounts(counts: usize, T: i32, B: i32): i32 {
  if (!counts) return T * B;
  let rows = 0;
  for (let t = 0; t < T; t++) rows += rowsAt(counts, t, B);
  return rows;
}

/** One layer from its initial state over all T steps. */
export function lstmForward(
  h: usize, // [B + rows, H], the first B given
  c: usize, // [B + rows, H], the first B given
  gates: usize, // [rows, 4, H], x·Wx + b given
  wh: usize, // [H, 4, H]
  counts: usize, // [T] i32, or 0
  scratch: usize, // as src/kernels/scratch.ts has it
  T: i32,
  B: i32,
  H: i32,
): void {
  assert(T > 0 && B > 0 && isPadded(H), "lstmForward: sizes T, B, H");
  assert(areCounts(counts, T, B), "lstmForward: counts [T], descending from B");
  assert(
    isVector(h, B + sumOfCounts(counts, T, B), H) && isVector(c, B + sumOfCounts(counts, T, B), H),
    "lstmForward: address of h, c [B + rows, H]",
  );
  assert(isVector(gates, sumOfCounts(counts, T, B), 4 * H), "lstmForward: address of gates [rows, 4, H]");
  assert(isVector(wh, H, 4, H) && isVector(scratch, 0), "lstmForward: address of wh [H, 4, H], scratch");
  const stride = <usize>H * F32;
  const packed = scratch + <usize>(BLOCK_ROWS * H) * F32;
  if (B > 1) packWeights(packed, wh, H, 4 * H, TILE_COLUMNS);
  let before = <usize>B * stride;
  for (let t = 0; t < T; t++) {
    const n = rowsAt(counts, t, B);
    if (n == 1) multiplyRow(gates, h, wh, gates, scratch, 4 * H, H);
    else multiplyPacked(gates, h, packed, gates, 4 * H, scratch, n, 4 * H, H);
    cellForward(h + before, c + before, gates, c, n, H);
    h += before;
    c += before;
    before = <usize>n * stride;
    gates += before * 4;
  }
}

/** One step of {@link lstmForward} with weights that are packed already. */
export function lstmStepPacked(
  h: usize, // [2 · B, H], the first B given
  c: usize, // [2 · B, H], the first B given
  gates: usize, // [B, 4, H], x·Wx + b given
  wh: usize, // [H, 4, H], as packWeights has it
  scratch: usize, // as src/kernels/scratch.ts has it
  B: i32,
  H: i32,
  columns: i32, // as wh has been packed: 8 or, if B is 1, 48
): void {
  assert(B > 0 && isPadded(H), "lstmStepPacked: sizes B, H");
  assert(columns == TILE_COLUMNS || (B == 1 && columns == ROW_COLUMNS), "lstmStepPacked: columns");
  assert(isVector(h, 2 * B, H) && isVector(c, 2 * B, H), "lstmStepPacked: address of h, c [2 · B, H]");
  assert(isVector(gates, B, 4 * H), "lstmStepPacked: address of gates [B, 4, H]");
  assert(isVector(wh, H, 4, H), "lstmStepPacked: address of wh [H, 4, H]");
  assert(isVector(scratch, min<i32>(B, BLOCK_ROWS), H), "lstmStepPacked: address of scratch");
  const after = <usize>(B * H) * F32;
  if (B == 1) multiplyRowPacked(gates, h, wh, gates, 4 * H, H, columns);
  else multiplyPacked(gates, h, wh, gates, 4 * H, scratch, B, 4 * H, H);
  cellForward(h + after, c + after, gates, c, B, H);
}

/** One time step from the gates' sums on. */
export function cellForward(
  h: usize, // [B, H]
  c: usize, // [B, H]
  gates: usize, // [B, 4, H], sums in, activations out
  cPrevious: usize, // [B, H]
  B: i32,
  H: i32,
): void {
  assert(B > 0 && isPadded(H), "cellForward: sizes B, H");
  assert(isVector(h, B, H) && isVector(c, B, H) && isVector(cPrevious, B, H), "cellForward: address of h, c [B, H]");
  assert(isVector(gates, B, 4 * H), "cellForward: address of gates [B, 4, H]");
  const stride = <usize>H * F32;
  for (let b = 0; b < B; b++) {
    for (let end = gates + stride; gates < end; gates += 16) {
      const gateF = gates + stride;
      const gateG = gateF + stride;
      const gateO = gateG + stride;
      gates3(gates, gateF, gateO);
      const g = tanh4(v128.load(gateG));
      v128.store(gateG, g);
      v128.store(c, madd(v128.load(gateF), v128.load(cPrevious), f32x4.mul(v128.load(gates), g)));
      c += 16;
      cPrevious += 16;
    }
    // A loop of its own, since tanh c can only begin where all else is done.
    gates += 2 * stride;
    c -= stride;
    for (let end = gates + stride; gates < end; gates += 16, c += 16, h += 16) {
      const sum = v128.load(c);
      const square = f32x4.mul(sum, sum);
      const cell = cutState4(sum, square);
      v128.store(c, cell);
      v128.store(h, f32x4.mul(v128.load(gates), tanhBySquare4(cell, square)));
    }
  }
}

/**
 * Small gradients are set to 0 at every eighth step. In between they shrink by a few more digits, which leaves them
 * normal numbers; doing so at every step would take up to 1 % more time.
 */
const CUT_STEPS: i32 = 8;

/** Steps of one sequence for which it pays to transpose the recurrent weights. */
const TRANSPOSED_STEPS: i32 = 16;

/** The units of H whose gates have recurrent weights. Padding has none: it is up to three units at the end. */
function unitsOf(wh: usize, H: i32): i32 {
  const width = <usize>H * F32;
  for (let units = H; units > H - 3; units--) {
    const unit = <usize>(units - 1) * F32;
    for (let at = wh + unit, end = wh + 4 * <usize>H * width; at < end; at += width)
      if (load<f32>(at) != 0) return units;
  }
  return H - 3;
}

/**
 * Back-propagation through time. dh is the loss's gradient of each row of h as it comes from above; the gradient of the
 * final states, each at its sequence's own end, comes in through dhState and dcState, that of the initial states goes out
 * through them. With counts, h is moved together on the way and of no use afterwards.
 */
export function lstmBackward(
  dh: usize, // [rows, H]
  dhState: usize, // [B, H], final in, initial out
  dcState: usize, // [B, H], final in, initial out
  dwh: usize, // [H, 4, H]
  gates: usize, // [rows, 4, H], activations in, gradients of their sums out
  h: usize, // [B + rows, H]
  c: usize, // [B + rows, H]
  wh: usize, // [H, 4, H]
  counts: usize, // [T] i32, or 0
  scratch: usize, // as src/kernels/scratch.ts has it
  T: i32,
  B: i32,
  H: i32,
): void {
  assert(T > 0 && B > 0 && isPadded(H), "lstmBackward: sizes T, B, H");
  assert(areCounts(counts, T, B), "lstmBackward: counts [T], descending from B");
  const rows = sumOfCounts(counts, T, B);
  assert(isVector(dh, rows, H), "lstmBackward: address of dh [rows, H]");
  assert(isVector(dhState, B, H) && isVector(dcState, B, H), "lstmBackward: address of dhState, dcState [B, H]");
  assert(isVector(dwh, H, 4, H) && isVector(wh, H, 4, H), "lstmBackward: address of dwh, wh [H, 4, H]");
  assert(isVector(gates, rows, 4 * H), "lstmBackward: address of gates [rows, 4, H]");
  assert(isVector(h, B + rows, H) && isVector(c, B + rows, H), "lstmBackward: address of h, c [B + rows, H]");
  assert(isVector(scratch, 0), "lstmBackward: address of scratch");
  const stride = <usize>H * F32;
  const packed = scratch + <usize>(BLOCK_ROWS * 4 * H) * F32;
  const isTransposed = B == 1 && T >= TRANSPOSED_STEPS && isTransposable(H);
  const units = isTransposed ? unitsOf(wh, H) : H;
  if (B > 1) packWeightsTransposed(packed, wh, H, 4 * H);
  else if (isTransposed) transposeGates(scratch, wh, H, units);
  let row = <usize>rows * stride;
  for (let t = T - 1; t >= 0; t--) {
    const n = rowsAt(counts, t, B);
    row -= <usize>n * stride;
    const dhHere = dh + row;
    const cPrevious = t > 0 ? c + row + <usize>(B - rowsAt(counts, t - 1, B)) * stride : c;
    const dgates = gates + row * 4;
    const hHere = h + row + <usize>B * stride;
    if (t % CUT_STEPS == 0) cellBackwardCut(dgates, dcState, dhHere, dhState, hHere, cPrevious, n, H);
    else cellBackward(dgates, dcState, dhHere, dhState, hHere, cPrevious, n, H);
    if (isTransposed) multiplyTransposed(dhState, scratch, dgates, H, units);
    else if (n == 1) multiplyColumn(dhState, wh, dgates, H, 4 * H);
    else multiplyPacked(dhState, dgates, packed, 0, 0, scratch, n, H, 4 * H);
  }
  if (counts) alignWithGates(h, counts, T, B, stride);
  multiplyTransposedLeft(dwh, h, gates, scratch, H, 4 * H, rows);
}

/** Moves the state before each row of gates to that row's place: from [B + rows, H] to [rows, H]. */
function alignWithGates(h: usize, counts: usize, T: i32, B: i32, stride: usize): void {
  let from = h;
  let to = h;
  for (let t = 0; t < T; t++) {
    const bytes = <usize>rowsAt(counts, t, B) * stride;
    if (to != from) memory.copy(to, from, bytes);
    from += <usize>(t > 0 ? rowsAt(counts, t - 1, B) : B) * stride;
    to += bytes;
  }
}

/** One time step back, down to the gradients of the gates' sums. */
function cellBackward(
  gates: usize, // [B, 4, H], activations in, gradients of their sums out
  dc: usize, // [B, H], of this step in, of the step before out
  dhAbove: usize, // [B, H], from the layer above
  dhNext: usize, // [B, H], from the step after
  h: usize, // [B, H]
  cPrevious: usize, // [B, H]
  B: i32,
  H: i32,
): void {
  backThroughCell(gates, dc, dhAbove, dhNext, h, cPrevious, B, H, false);
}

/** {@link cellBackward}, with gradients below LEAST_GRADIENT set to 0 first. */
function cellBackwardCut(
  gates: usize,
  dc: usize,
  dhAbove: usize,
  dhNext: usize,
  h: usize,
  cPrevious: usize,
  B: i32,
  H: i32,
): void {
  backThroughCell(gates, dc, dhAbove, dhNext, h, cPrevious, B, H, true);
}

@inline
function backThroughCell(
  gates: usize,
  dc: usize,
  dhAbove: usize,
  dhNext: usize,
  hHere: usize,
  cPrevious: usize,
  B: i32,
  H: i32,
  cuts: bool,
): void {
  const stride = <usize>H * F32;
  const one = f32x4.splat(1);
  for (let b = 0; b < B; b++) {
    for (let end = gates + stride; gates < end; gates += 16) {
      const gateF = gates + stride;
      const gateG = gateF + stride;
      const gateO = gateG + stride;
      const i = v128.load(gates);
      const f = v128.load(gateF);
      const g = v128.load(gateG);
      const o = v128.load(gateO);
      const h = v128.load(hHere);
      let dh = f32x4.add(v128.load(dhAbove), v128.load(dhNext));
      if (cuts) dh = cut4(dh, leastGradient4());
      // h = o · tanh c, so o · (1 − tanh² c) = o − h · tanh c. If o is 0, so is h.
      const tanhC = f32x4.div(h, f32x4.pmax(o, leastGradient4()));
      let dcHere = madd(dh, nmadd(h, tanhC, o), v128.load(dc));
      if (cuts) dcHere = cut4(dcHere, leastGradient4());
      const di = f32x4.mul(f32x4.mul(dcHere, g), f32x4.mul(i, f32x4.sub(one, i)));
      const df = f32x4.mul(f32x4.mul(dcHere, v128.load(cPrevious)), f32x4.mul(f, f32x4.sub(one, f)));
      const dg = f32x4.mul(f32x4.mul(dcHere, i), nmadd(g, g, one));
      const dout = f32x4.mul(f32x4.mul(dh, h), f32x4.sub(one, o));
      v128.store(gates, di);
      v128.store(gateF, df);
      v128.store(gateG, dg);
      v128.store(gateO, dout);
      v128.store(dc, f32x4.mul(dcHere, f));
      dhAbove += 16;
      dhNext += 16;
      dc += 16;
      hHere += 16;
      cPrevious += 16;
    }
    gates += 3 * stride;
  }
}
