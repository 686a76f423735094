/** Whether dropout with probability p and this key leaves out a place: lowbias32 (Chris Wellons) decides. */
export function isDropped(place: number, p: number, key: number): boolean {
  let x = (key + place) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0 < p * 2 ** 32;
}
