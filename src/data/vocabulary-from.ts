import { InputError } from "../common/errors.js";
import { CharacterVocabulary, type Vocabulary } from "./vocabulary.js";
import { WordVocabulary, wordsFrom } from "./words.js";

/**
 * The vocabulary that {@link Vocabulary.toJSON} described: an array is one of characters, an object says
 * itself.
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

/** Whether {@link vocabularyFrom} makes the same of what a vocabulary's toJSON gives; not where it is of the user's own. */
export const isBuiltIn = (vocabulary: Vocabulary): boolean =>
  [CharacterVocabulary, WordVocabulary].some((own) => vocabulary.constructor === own);
