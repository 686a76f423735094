import { sigmoid4, tanh4 } from "./activations";
import { BLOCK_ROWS, multiplyPacked, multiplyTransposedLeft, packWeights, packWeightsTransposed } from "./matmul";
import { F32, madd } from "./simd";
import { multiplyColumn, multiplyRow } from "./vector";

// One layer over a whole sequence (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), the
// equations of torch.nn.LSTM:
//
//   i = σ(a_i)   f = σ(a_f)   g = tanh(a_g)   o = σ(a_o)      a = x·Wx + b + h₋₁·Wh
//   c = f ∘ c₋₁ + i ∘ g       h = o ∘ tanh c
//
// Gate order i, f, g, o, each a block of H columns: this is the one place that knows it, with `gates` in src/layout.ts.
// H is the hidden size rounded up to a multiple of four. The units of the filling have no weights: their gates are ½ and
// their g, c, h and gradients stay exactly 0.
//
// h and c hold T + 1 steps: step 0 is the initial state, step t + 1 the output of time t. `gates` comes in as x·Wx + b,
// goes out of the forward pass activated, and out of the backward pass as the gradient of a.

/** The layer from its initial state h[0], c[0] over all T steps. */
export function lstmForward(
  h: usize, // [T + 1, B, H], h[0] given
  c: usize, // [T + 1, B, H], c[0] given
  gates: usize, // [T, B, 4, H], x·Wx + b given
  wh: usize, // [H, 4, H]
  scratch: usize, // scratchBytes(B, 4H, H)
  T: i32,
  B: i32,
  H: i32,
): void {
  const stateBytes = <usize>(B * H) * F32;
  const gateBytes = stateBytes * 4;
  const packed = scratch + <usize>(BLOCK_ROWS * H) * F32;
  if (B > 1) packWeights(packed, wh, H, 4 * H);
  for (let t = 0; t < T; t++) {
    if (B == 1) multiplyRow(gates, h, wh, gates, scratch, 4 * H, H);
    else multiplyPacked(gates, h, packed, gates, 4 * H, scratch, B, 4 * H, H);
    cellForward(h + stateBytes, c + stateBytes, gates, c, B, H);
    h += stateBytes;
    c += stateBytes;
    gates += gateBytes;
  }
}

/** One time step from the gates' sums on. */
function cellForward(
  h: usize, // [B, H]
  c: usize, // [B, H]
  gates: usize, // [B, 4, H], sums in, activations out
  cPrevious: usize, // [B, H]
  B: i32,
  H: i32,
): void {
  const stride = <usize>H * F32;
  for (let b = 0; b < B; b++) {
    for (let end = gates + stride; gates < end; gates += 16) {
      const gateF = gates + stride;
      const gateG = gateF + stride;
      const gateO = gateG + stride;
      const i = sigmoid4(v128.load(gates));
      const f = sigmoid4(v128.load(gateF));
      const g = tanh4(v128.load(gateG));
      const o = sigmoid4(v128.load(gateO));
      v128.store(gates, i);
      v128.store(gateF, f);
      v128.store(gateG, g);
      v128.store(gateO, o);
      v128.store(c, madd(f, v128.load(cPrevious), f32x4.mul(i, g)));
      c += 16;
      cPrevious += 16;
    }
    // A loop of its own, since tanh c can only begin where all else is done.
    gates += 2 * stride;
    c -= stride;
    for (let end = gates + stride; gates < end; gates += 16, c += 16, h += 16)
      v128.store(h, f32x4.mul(v128.load(gates), tanh4(v128.load(c))));
  }
}

/**
 * Back-propagation through time. dh[t] is the loss's gradient of the output at time t as it comes from above; the
 * gradient of the final state comes in through dhState and dcState, that of the initial state goes out through them.
 */
export function lstmBackward(
  dh: usize, // [T, B, H]
  dhState: usize, // [B, H], final in, initial out
  dcState: usize, // [B, H], final in, initial out
  dwh: usize, // [H, 4, H]
  gates: usize, // [T, B, 4, H], activations in, gradients of their sums out
  h: usize, // [T + 1, B, H]
  c: usize, // [T + 1, B, H]
  wh: usize, // [H, 4, H]
  scratch: usize, // scratchBytes(T · B, 4H, H)
  T: i32,
  B: i32,
  H: i32,
): void {
  const stateBytes = <usize>(B * H) * F32;
  const gateBytes = stateBytes * 4;
  const packed = scratch + <usize>(BLOCK_ROWS * 4 * H) * F32;
  if (B > 1) packWeightsTransposed(packed, wh, H, 4 * H);
  for (let t = T - 1; t >= 0; t--) {
    const dhHere = dh + <usize>t * stateBytes;
    const cPrevious = c + <usize>t * stateBytes;
    const dgates = gates + <usize>t * gateBytes;
    cellBackward(dgates, dcState, dhHere, dhState, h + <usize>(t + 1) * stateBytes, cPrevious, B, H);
    if (B == 1) multiplyColumn(dhState, wh, dgates, H, 4 * H);
    else multiplyPacked(dhState, dgates, packed, 0, 0, scratch, B, H, 4 * H);
  }
  multiplyTransposedLeft(dwh, h, gates, scratch, H, 4 * H, T * B);
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
      const dhHere = f32x4.add(v128.load(dhAbove), v128.load(dhNext));
      // h = o · tanh c, and o is never 0.
      const tanhC = f32x4.div(v128.load(h), o);
      const dcHere = madd(f32x4.mul(dhHere, o), f32x4.sub(one, f32x4.mul(tanhC, tanhC)), v128.load(dc));
      const di = f32x4.mul(f32x4.mul(dcHere, g), f32x4.mul(i, f32x4.sub(one, i)));
      const df = f32x4.mul(f32x4.mul(dcHere, v128.load(cPrevious)), f32x4.mul(f, f32x4.sub(one, f)));
      const dg = f32x4.mul(f32x4.mul(dcHere, i), f32x4.sub(one, f32x4.mul(g, g)));
      const dout = f32x4.mul(f32x4.mul(dhHere, tanhC), f32x4.mul(o, f32x4.sub(one, o)));
      v128.store(gates, di);
      v128.store(gateF, df);
      v128.store(gateG, dg);
      v128.store(gateO, dout);
      v128.store(dc, f32x4.mul(dcHere, f));
      dhAbove += 16;
      dhNext += 16;
      dc += 16;
      h += 16;
      cPrevious += 16;
    }
    gates += 3 * stride;
  }
}
