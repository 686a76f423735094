import type { Random } from "../common/random.js";
import type { Network } from "../network/network.js";
import { argmax, filterTopKTopP, sample } from "./sampling.js";

/** How tokens are chosen. */
export interface Sampling {
  readonly inverseTemperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly greedy: boolean;
  readonly repetitionPenalty: number;
  /** Whether the first token, `<unk>`, is never chosen. */
  readonly suppressFirst: boolean;
}

/** What is chosen where logits are not finite. */
export const NO_TOKEN = -1;

/**
 * Chooses a token for each of some texts from their logits, and allocates nothing.
 *
 * @param floats the whole memory
 * @param logits the address of [rows, network.stride], which are overwritten
 * @param rows one for each text, or a single one for all
 * @param tokens receives [texts]
 * @returns false if a row has logits that are not finite: its tokens are {@link NO_TOKEN}
 */
export type TokenSampler = (floats: Float32Array, logits: number, rows: number, tokens: Int32Array) => boolean;

/**
 * @param randoms a generator for each text
 * @param seen [texts, tokens of the vocabulary]: whether a token has been read or written; empty where that does not matter
 */
export function tokenSampler(
  { kernels, shape, stride }: Network,
  { inverseTemperature, topK, topP, greedy, repetitionPenalty, suppressFirst }: Sampling,
  randoms: readonly Random[],
  seen: Uint8Array,
): TokenSampler {
  const size = shape.vocabularySize;
  /** Scratch space for the order of a row of probabilities. */
  const order = new Uint32Array(size);
  return (floats, logits, rows, tokens) => {
    const first = logits / 4;
    for (let i = 0; i < rows * size && seen.length > 0; i++) {
      if (!seen[i]) continue;
      const at = first + Math.floor(i / size) * stride + (i % size);
      const logit = floats[at]!;
      floats[at] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    }
    if (!greedy) kernels.softmax(logits, rows, size, stride, inverseTemperature);
    for (let at = first; at < first + rows * stride; at += stride) {
      // Of probabilities, none is less than 0.
      if (suppressFirst) floats[at] = greedy ? Number.NEGATIVE_INFINITY : 0;
      if (!greedy && (topK < size || topP < 1)) filterTopKTopP(floats, at, order, topK, topP);
    }
    let areFinite = true;
    for (let i = 0; i < tokens.length; i++) {
      const row = first + (rows === 1 ? 0 : i * stride);
      const token = greedy ? argmax(floats, row, size) : sample(floats, row, size, randoms[i]!);
      const isToken = Number.isFinite(floats[row + token]);
      areFinite &&= isToken;
      tokens[i] = isToken ? token : NO_TOKEN;
      if (seen.length > 0 && isToken) seen[i * size + token] = 1;
    }
    return areFinite;
  };
}
