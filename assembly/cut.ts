import { F32 } from "./simd";

// What is set to zero because it is too small to matter, and why.
//
// WebAssembly has no flush to zero, and many processors take a hundred times as long for a product that is subnormal
// (below 2⁻¹²⁶), or has a subnormal factor. Whatever is multiplied again and again by less than 1 gets there: gradients
// on the way back through some hundred steps, a cell that nothing comes into, the moments of a parameter whose gradient
// is zero. So gates and cell states below 2⁻⁴⁶ become 0, and gradients below 2⁻⁸⁰: since 46 + 80 is 126, what is left
// of the one times what is left of the other is a normal number.
//
// Nothing is lost. A state or gate of less than 2⁻⁴⁶ (1.4e-14) goes into sums with biases and inputs, and changes no
// bit of them unless all of these are below 2⁻²² (2.4e-7). A gradient below 2⁻⁸⁰ (8e-25) moves a parameter by less than
// that times the learning rate or, divided by the usual ε of Adam and RMSprop, 1e-8, by less than 1e-16 times the
// learning rate; a million of them, all alike, by 1e-10 times it. The limits are absolute, as ε is: a loss whose
// gradients are all below 1e-24 trains nothing. Mean squares have a limit of their own, by ε: see optimizer.ts.
//
// What is not a number is not below a limit, and stays.

/** Cell states; and gates, see gate4. */
const LEAST_STATE: f32 = 1.4210854715202004e-14; // 2⁻⁴⁶
/** Gradients, their running means, and parameters. */
const LEAST_GRADIENT: f32 = 8.271806125530277e-25; // 2⁻⁸⁰

const LIMITS = memory.data<f32>([LEAST_STATE * LEAST_STATE, LEAST_GRADIENT]);

/** LEAST_GRADIENT in all lanes. */
@inline
export function leastGradient4(): v128 {
  return v128.load_splat<f32>(LIMITS, F32);
}

/** x, or 0 in lanes where its magnitude is below a limit. */
@inline
export function cut4(x: v128, limit: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), limit));
}

/** x, or 0 in lanes where it is below LEAST_STATE in magnitude. The square is at hand wherever that is asked. */
@inline
export function cutState4(x: v128, square: v128): v128 {
  return v128.andnot(x, f32x4.lt(square, v128.load_splat<f32>(LIMITS)));
}

/** x, or 0 where its magnitude is below LEAST_GRADIENT. */
@inline
export function cutGradient(x: f32): f32 {
  return abs<f32>(x) < LEAST_GRADIENT ? 0 : x;
}
