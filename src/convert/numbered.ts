import type { Vocabulary } from "../data/vocabulary.js";
import { WordVocabulary } from "../data/words.js";

/** Tokens that are written as their numbers: the text "3 0 12" is the tokens 3, 0 and 12. */
export const numbered = (size: number): Vocabulary =>
  new WordVocabulary(
    Array.from({ length: size }, (_, token) => String(token)),
    { lowercase: false, punctuation: "strip" },
  );
