import { LstmError } from "../common/errors.js";

/** @throws LstmError if outputs have overflowed, as sums over very large weights do */
export function checkFinite(numbers: ArrayLike<number>, from = 0, to = numbers.length): void {
  for (let i = from; i < to; i++)
    if (!Number.isFinite(numbers[i]))
      throw new LstmError(
        "the model's outputs overflow, since its weights are too large: train it again with a smaller learning rate",
      );
}
