/** A stretch of a sample whose words are all in the training text, or all not. */
export interface Segment {
  readonly text: string;
  readonly isKnown: boolean;
}

const WORD = /[\p{L}\p{N}’']+/gu;

/** What to look samples up in: a text's words or, where the model reads words anyway, its pairs of neighboring words. */
export function lookupOf(text: string, level: "char" | "word"): ReadonlySet<string> {
  const words = text.toLowerCase().match(WORD) ?? [];
  return new Set(level === "char" ? words : words.map((word, i) => `${words[i - 1] ?? ""} ${word}`));
}

/** Splits a sample into segments. Spaces and punctuation belong to the word before them. */
export function segmentsOf(sample: string, lookup: ReadonlySet<string>, level: "char" | "word"): Segment[] {
  const segments: { text: string; isKnown: boolean }[] = [];
  let previous = "";
  for (const [piece] of sample.matchAll(/[\p{L}\p{N}’']+[^\p{L}\p{N}’']*|[^\p{L}\p{N}’']+/gu)) {
    const word = piece.match(WORD)?.[0]?.toLowerCase();
    const last = segments.at(-1);
    const isFirst = level === "word" && previous === "";
    const isKnown =
      word === undefined
        ? (last?.isKnown ?? false)
        : isFirst || lookup.has(level === "char" ? word : `${previous} ${word}`);
    if (word !== undefined) previous = word;
    if (last && last.isKnown === isKnown) last.text += piece;
    else segments.push({ text: piece, isKnown });
  }
  return segments;
}
