import { expect } from "vitest";
import { FLOAT32_TOLERANCE, relativeError } from "../kernels/tensors.js";
import type { Results } from "./passes.js";

/**
 * A gradient is a sum of terms near 1. Where they cancel to less than this, the terms' rounding is what is left of
 * them, and the error is taken relative to this.
 */
const CANCELLATION = 0.1;

export function expectAgreement(actual: Results, expected: Results, where: string): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const name of Object.keys(expected)) {
    const error = relativeError(actual[name]!, expected[name]!, CANCELLATION);
    expect(error, `${name}, ${where}`).toBeLessThan(FLOAT32_TOLERANCE);
  }
}
