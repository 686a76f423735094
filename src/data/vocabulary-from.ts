import { CharacterVocabulary, type Vocabulary } from "./vocabulary.js";
import { WordVocabulary, wordsFrom } from "./words.js";

/**
 * Restores a vocabulary from {@link Vocabulary.toJSON}: one of characters from an array, one of words from an object.
 *
 * @throws InputError for an invalid description
 */
export function vocabularyFrom(description: unknown): Vocabulary {
  return Array.isArray(description) ? new CharacterVocabulary(description) : wordsFrom(description);
}

/** Whether {@link vocabularyFrom} makes the same of what a vocabulary's toJSON gives; not where it is of the user's own. */
export const isBuiltIn = (vocabulary: Vocabulary): boolean =>
  [CharacterVocabulary, WordVocabulary].some((own) => vocabulary.constructor === own);
