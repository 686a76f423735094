import { InputError } from "../common/errors.js";
import { CharacterVocabulary, type Vocabulary } from "./vocabulary.js";
import { wordsFrom } from "./words.js";

/**
 * Restores a vocabulary from the result of {@link Vocabulary.toJSON}: an array of characters, or an object with a
 * `level`.
 *
 * @throws InputError for an invalid description
 */
export function vocabularyFrom(description: unknown): Vocabulary {
  if (Array.isArray(description)) return new CharacterVocabulary(description);
  const { level, lowercase, tokens, ...others } = Object(description) as Record<string, unknown>;
  if (level !== "char") return wordsFrom(description);
  if (lowercase !== true || !Array.isArray(tokens) || Object.keys(others).length > 0)
    throw new InputError("a vocabulary of characters is an array, or { level, lowercase: true, tokens }");
  return new CharacterVocabulary(tokens, { lowercase });
}
