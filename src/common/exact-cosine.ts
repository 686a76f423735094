// Like exact-math.ts; apart, since only some programs need it.

/** cos πx for x from 0 to 1, within 4e-16. */
export function cosPi(x: number): number {
  if (x > 0.5) return -cosPi(1 - x);
  return x > 0.25 ? sine(Math.PI * (0.5 - x)) : cosine(Math.PI * x);
}

/** sin x for x from 0 to π/4, by its series up to x¹⁷. */
function sine(x: number): number {
  let sum = 1;
  for (let k = 16; k > 0; k -= 2) sum = 1 - (sum * x * x) / (k * (k + 1));
  return sum * x;
}

/** cos x for x from 0 to π/4, by its series up to x¹⁶. */
function cosine(x: number): number {
  let sum = 1;
  for (let k = 15; k > 0; k -= 2) sum = 1 - (sum * x * x) / (k * (k + 1));
  return sum;
}
