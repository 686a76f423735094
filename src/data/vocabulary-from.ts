import { CharacterVocabulary, type Vocabulary } from "./vocabulary.js";
import { wordsFrom } from "./words.js";

/**
 * The vocabulary that {@link Vocabulary.toJSON} described: an array is one of characters, an object one of words.
 *
 * @throws InputError for anything that describes none
 */
export function vocabularyFrom(description: unknown): Vocabulary {
  return Array.isArray(description) ? new CharacterVocabulary(description) : wordsFrom(description);
}
