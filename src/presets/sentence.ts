/** One sentence, lower-cased. */
export const SENTENCE = "lstm neural networks are designed to handle sequences of data.";
