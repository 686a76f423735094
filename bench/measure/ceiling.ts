import { madd, sumLanes } from "../../assembly/simd";

/** Floating-point operations per round: 12 registers of 4 lanes, one multiplication and one addition each. */
export const FLOPS_PER_ROUND: i32 = 96;

/**
 * What the processor reaches without touching memory: multiply-adds between registers, enough in flight to hide their
 * latency. The factors are arguments because some engines rebuild a constant at every use.
 */
export function ceiling(rounds: i32, factor: f32, summand: f32): f32 {
  const x = f32x4.splat(factor);
  const y = f32x4.splat(summand);
  let a = f32x4.splat(1);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  let i = a;
  let j = a;
  let k = a;
  let l = a;
  for (let n = 0; n < rounds; n++) {
    a = madd(a, x, y);
    b = madd(b, x, y);
    c = madd(c, x, y);
    d = madd(d, x, y);
    e = madd(e, x, y);
    f = madd(f, x, y);
    g = madd(g, x, y);
    h = madd(h, x, y);
    i = madd(i, x, y);
    j = madd(j, x, y);
    k = madd(k, x, y);
    l = madd(l, x, y);
  }
  const sums = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return sumLanes(f32x4.add(sums, f32x4.add(f32x4.add(i, j), f32x4.add(k, l))));
}
