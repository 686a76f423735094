/** The sizes that determine a network's tensors. */
export interface NetworkShape {
  /** Number of distinct input tokens; 0 for input vectors. */
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Width of the token embedding; 0, the default, reads tokens one-hot. */
  readonly embeddingSize?: number;
  /** Width of the input vectors, if the inputs are not tokens. */
  readonly inputSize?: number;
  /** Logits or values per output. Default: one logit per token. */
  readonly outputSize?: number;
}

/** Width of the first layer's input vectors, or 0 if each token selects a row of its weights. */
export const denseInputSize = ({ embeddingSize = 0, inputSize = 0 }: NetworkShape): number =>
  embeddingSize || inputSize;

/** Logits or values per output. */
export const outputSizeOf = ({ vocabularySize, outputSize = vocabularySize }: NetworkShape): number => outputSize;
