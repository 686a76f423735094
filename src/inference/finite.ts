import { LstmError } from "../common/errors.js";

/** @throws LstmError for what a network with finite weights gives where sums of large ones overflow */
export function checkFinite(numbers: ArrayLike<number>): void {
  for (let i = 0; i < numbers.length; i++)
    if (!Number.isFinite(numbers[i]))
      throw new LstmError(
        "the model's weights are so large that its numbers overflow: train it anew with smaller ones",
      );
}
