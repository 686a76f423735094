// The limits of assembly/cut.ts, where their reasons stand. Comparisons let pass what is not a number.

/** 2⁻⁴⁶: of cell states and gates. */
const LEAST_STATE = 1.4210854715202004e-14;
/** 2⁻⁸⁰: of gradients, their running means, and parameters. */
export const LEAST_GRADIENT = 8.271806125530277e-25;

export function cutState(x: number): number {
  return Math.abs(x) < LEAST_STATE ? 0 : x;
}

export function cutGradient(x: number): number {
  return Math.abs(x) < LEAST_GRADIENT ? 0 : x;
}
