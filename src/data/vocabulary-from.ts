import { CharacterVocabulary, type Vocabulary } from "./vocabulary.js";
import { wordsFrom } from "./words.js";

/**
 * Restores a vocabulary from {@link Vocabulary.toJSON}: one of characters from an array, one of words from an object.
 *
 * @throws InputError for an invalid description
 */
export function vocabularyFrom(description: unknown): Vocabulary {
  return Array.isArray(description) ? new CharacterVocabulary(description) : wordsFrom(description);
}
