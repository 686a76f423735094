/** The sizes that decide which tensors a network has. */
export interface NetworkShape {
  /** Distinct tokens that come in; 0 where real vectors do. */
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Width of the vectors that stand for tokens; 0, or left out, reads the tokens one-hot. */
  readonly embeddingSize?: number;
  /** Width of the vectors that come in, where no tokens do. */
  readonly inputSize?: number;
  /** Logits or values per output. Default: a logit for each token. */
  readonly outputSize?: number;
}

/** Width of the vectors that the first layer reads, or 0 where it takes a row of its weights for each token. */
export const denseInputSize = ({ embeddingSize = 0, inputSize = 0 }: NetworkShape): number =>
  embeddingSize || inputSize;

/** Logits or values per output. */
export const outputSizeOf = ({ vocabularySize, outputSize = vocabularySize }: NetworkShape): number => outputSize;
