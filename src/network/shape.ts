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
  /** Whether each layer reads the sequence from both ends. Default false. */
  readonly bidirectional?: boolean;
  /** The layer on top: `linear`, the default, or `none`, whose outputs are the last layer's. */
  readonly head?: Head;
}

/** The layer on top of the recurrent ones. */
export type Head = "linear" | "none";

export const HEADS = ["linear", "none"] as const satisfies readonly Head[];

/** Directions in which a layer reads: 1 or 2. */
export const directionsOf = ({ bidirectional = false }: NetworkShape): number => (bidirectional ? 2 : 1);

/** Width of the first layer's input vectors, or 0 if each token selects a row of its weights. */
export const denseInputSize = ({ embeddingSize = 0, inputSize = 0 }: NetworkShape): number =>
  embeddingSize || inputSize;

/** Logits or values per output; without a head, hidden units of all directions. */
export function outputSizeOf(shape: NetworkShape): number {
  const { vocabularySize, outputSize = vocabularySize, head, hiddenSize } = shape;
  return head === "none" ? directionsOf(shape) * hiddenSize : outputSize;
}
