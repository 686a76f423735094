import { ALIGNMENT } from "../common/aligned.js";
import { sizeOf } from "./tensors.js";

/** Allocates addresses one after another, each at the start of a cache line. */
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

  /** Like {@link floats}, or 0 if not wanted. */
  floatsIf(isWanted: boolean, ...shape: number[]): number {
    return isWanted ? this.floats(...shape) : 0;
  }

  get end(): number {
    return this.next;
  }
}
