import type { Case } from "./cases.js";

/**
 * Floating-point operations per token. Each weight that is multiplied counts 6 in training (one product forward, two
 * backward) and 2 otherwise; the row of input weights that a token selects counts one addition each way, an embedding nothing.
 */
export function flopsPerToken({ vocabularySize, embeddingSize = 0, hiddenSize, layers, training }: Case): number {
  const recurrent = 4 * hiddenSize * (hiddenSize * (2 * layers - 1) + embeddingSize);
  const outputShare = training && !training.returnSequences ? 1 / training.sequenceLength : 1;
  const output = hiddenSize * vocabularySize * outputShare;
  const row = embeddingSize > 0 ? 0 : 4 * hiddenSize;
  return training ? 6 * (recurrent + output) + 2 * row : 2 * (recurrent + output) + row;
}
