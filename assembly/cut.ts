import { F32 } from "./simd";

// Values too small to matter are set to zero, for speed.
//
// WebAssembly cannot treat subnormal numbers (below 2⁻¹²⁶) as zero, and on many processors a product with a subnormal
// factor or result takes many times as long. Anything repeatedly multiplied by less than 1 gets there: gradients on
// their way back through a few hundred steps, a cell without input, the moments of a parameter whose gradient is zero.
// So gates and cell states below 2⁻⁴⁶ become 0, and so do gradients below 2⁻⁸⁰: as 46 + 80 = 126, the product of a
// remaining state and a remaining gradient is a normal number.
//
// Nothing is lost. A state below 2⁻⁴⁶ (1.4e-14) is added to biases and inputs, and does not change a bit of the sum
// unless all other terms are below 2⁻²² (2.4e-7). A gradient below 2⁻⁸⁰ (8e-25) moves a parameter by less than that
// times the learning rate or, divided by the default ε of Adam and RMSprop, 1e-8, by less than 1e-16 times the learning
// rate; a million of them, all alike, by 1e-10 times it. The limits are absolute, like ε: a loss whose gradients are
// all below 1e-24 trains nothing. Mean squares have a limit of their own, derived from ε: see optimizer.ts.
//
// NaN is below no limit, and stays.

/** The limit of cell states and gates. */
const LEAST_STATE: f32 = 1.4210854715202004e-14; // 2⁻⁴⁶
/** The limit of gradients, their running means, and parameters. */
const LEAST_GRADIENT: f32 = 8.271806125530277e-25; // 2⁻⁸⁰

const LIMITS = memory.data<f32>([LEAST_STATE * LEAST_STATE, LEAST_GRADIENT]);

/** LEAST_GRADIENT in all lanes. */
@inline
export function leastGradient4(): v128 {
  return v128.load_splat<f32>(LIMITS, F32);
}

/** x, or 0 in lanes in which its magnitude is below a limit. */
@inline
export function cut4(x: v128, limit: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), limit));
}

/** x, or 0 in lanes in which its magnitude is below LEAST_STATE. Given x², this takes one instruction less. */
@inline
export function cutState4(x: v128, square: v128): v128 {
  return v128.andnot(x, f32x4.lt(square, v128.load_splat<f32>(LIMITS)));
}

/** x, or 0 if its magnitude is below LEAST_GRADIENT. */
@inline
export function cutGradient(x: f32): f32 {
  return abs<f32>(x) < LEAST_GRADIENT ? 0 : x;
}
