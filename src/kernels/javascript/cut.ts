// The limits of assembly/cut.ts, which gives the reasons. NaN is below no limit, and stays.

/** 2⁻⁴⁶, the limit of cell states and gates. */
const LEAST_STATE = 1.4210854715202004e-14;
/** 2⁻⁸⁰, the limit of gradients, their running means, and parameters. */
export const LEAST_GRADIENT = 8.271806125530277e-25;

export function cutState(x: number): number {
  return Math.abs(x) < LEAST_STATE ? 0 : x;
}

export function cutGradient(x: number): number {
  return Math.abs(x) < LEAST_GRADIENT ? 0 : x;
}
