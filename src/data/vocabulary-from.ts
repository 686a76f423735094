import { CharacterVocabulary, type Vocabulary } from "./vocabulary.js";
import { WordVocabulary, wordsFrom } from "./words.js";

/**
 * The vocabulary that {@link Vocabulary.toJSON} described: an array is one of characters, an object one of words.
 *
 * @throws InputError for anything that describes none
 */
export function vocabularyFrom(description: unknown): Vocabulary {
  return Array.isArray(description) ? new CharacterVocabulary(description) : wordsFrom(description);
}

/** Whether {@link vocabularyFrom} makes the same of what a vocabulary's toJSON gives; not where it is of the user's own. */
export const isBuiltIn = (vocabulary: Vocabulary): boolean =>
  [CharacterVocabulary, WordVocabulary].some((own) => vocabulary.constructor === own);
