import { sizeOf } from "./tensors.js";

/** Cache lines are 64 bytes. */
export const ALIGNMENT = 64;

/** Hands out addresses one after the other, each on a cache line of its own. */
export class Addresses {
  constructor(private next: number) {}

  take(bytes: number): number {
    const address = Math.ceil(this.next / ALIGNMENT) * ALIGNMENT;
    this.next = address + bytes;
    return address;
  }

  floats(...shape: number[]): number {
    return this.take(4 * sizeOf(shape));
  }

  /** As {@link floats}; 0 where they are not wanted. */
  floatsIf(isWanted: boolean, ...shape: number[]): number {
    return isWanted ? this.floats(...shape) : 0;
  }

  get end(): number {
    return this.next;
  }
}
