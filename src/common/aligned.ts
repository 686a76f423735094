/** Cache lines are 64 bytes. */
export const ALIGNMENT = 64;

/**
 * Gives addresses one after another, each at the start of a cache line. As Addresses of network/memory.ts, for what is loaded on
 * demand: what such modules import from those of all programs, bundlers put into files of its own.
 */
export function alignedFrom(base: number): (bytes: number) => number {
  let next = base;
  return (bytes) => {
    const address = Math.ceil(next / ALIGNMENT) * ALIGNMENT;
    next = address + bytes;
    return address;
  };
}
