/** A stretch of a sample: words that stand in the text that is learned, or words that do not. */
export interface Stretch {
  readonly text: string;
  readonly isKnown: boolean;
}

/** What is told from a sample: which words the text has, or which words follow one another in it. */
export type Known = ReadonlySet<string>;

const WORD = /[\p{L}\p{N}’']+/gu;

/** The words of a text; of one that is read by words, the pairs of neighbours. */
export function knownOf(text: string, level: "char" | "word"): Known {
  const words = text.toLowerCase().match(WORD) ?? [];
  return new Set(level === "char" ? words : words.map((word, i) => `${words[i - 1] ?? ""} ${word}`));
}

/** A sample in stretches, spaces and punctuation with the word before them. */
export function stretchesOf(sample: string, known: Known, level: "char" | "word"): Stretch[] {
  const stretches: { text: string; isKnown: boolean }[] = [];
  let previous = "";
  for (const [piece] of sample.matchAll(/[\p{L}\p{N}’']+[^\p{L}\p{N}’']*|[^\p{L}\p{N}’']+/gu)) {
    const word = piece.match(WORD)?.[0]?.toLowerCase();
    const last = stretches.at(-1);
    const isFirst = level === "word" && previous === "";
    const isKnown =
      word === undefined
        ? (last?.isKnown ?? false)
        : isFirst || known.has(level === "char" ? word : `${previous} ${word}`);
    if (word !== undefined) previous = word;
    if (last && last.isKnown === isKnown) last.text += piece;
    else stretches.push({ text: piece, isKnown });
  }
  return stretches;
}
