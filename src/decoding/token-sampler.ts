import type { Random } from "../common/random.js";
import { type Kernels, padded } from "../kernels/kernels.js";
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

/** Chooses the next token of some texts from their logits, each with a random generator of its own. Allocates nothing. */
export class TokenSampler {
  /** Scratch space for the order of a row of probabilities. */
  private readonly order: Uint32Array;

  /**
   * @param size of the vocabulary
   * @param seen [texts, size]: whether a token has been read or written; empty where that does not matter
   */
  constructor(
    private readonly kernels: Pick<Kernels, "softmax">,
    private readonly size: number,
    private readonly sampling: Sampling,
    private readonly randoms: readonly Random[],
    private readonly seen: Uint8Array,
  ) {
    this.order = new Uint32Array(size);
  }

  /**
   * Chooses a token for each text.
   *
   * @param floats the whole memory
   * @param logits the address of [rows, size padded], which are overwritten
   * @param rows one for each text, or a single one for all
   * @param tokens receives [texts]
   * @returns false if a row has logits that are not finite: its tokens are {@link NO_TOKEN}
   */
  choose(floats: Float32Array, logits: number, rows: number, tokens: Int32Array): boolean {
    const { kernels, size, sampling, randoms, seen, order } = this;
    const { greedy, topK, topP, suppressFirst } = sampling;
    const stride = padded(size);
    const first = logits / 4;
    if (seen.length > 0) this.penalize(floats, first, rows);
    if (!greedy) kernels.softmax(logits, rows, size, stride, sampling.inverseTemperature);
    if (suppressFirst)
      // Of probabilities, none is less than 0.
      for (let r = 0; r < rows; r++) floats[first + r * stride] = greedy ? Number.NEGATIVE_INFINITY : 0;
    if (!greedy && (topK < size || topP < 1))
      for (let r = 0; r < rows; r++) filterTopKTopP(floats, first + r * stride, order, topK, topP);
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
  }

  private penalize(floats: Float32Array, first: number, rows: number): void {
    const { size, seen } = this;
    const { repetitionPenalty } = this.sampling;
    const stride = padded(size);
    for (let r = 0; r < rows; r++)
      for (let token = 0; token < size; token++) {
        if (!seen[r * size + token]) continue;
        const at = first + r * stride + token;
        const logit = floats[at]!;
        floats[at] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
      }
  }
}
