import { type CharacterDescription, CharacterVocabulary, type Vocabulary } from "./vocabulary.js";

/**
 * The name of a vocabulary class's function that restores a vocabulary of what `toJSON` gave. Who saves vocabularies of
 * characters alone needs no other class; custom classes have none.
 *
 * @internal
 */
export const RESTORE: unique symbol = Symbol("restore");

type Restore = (description: unknown) => Vocabulary;

/** Restores vocabularies of the class of this one; undefined for a custom one. */
export function restorerOf(vocabulary: Vocabulary): Restore | undefined {
  if (vocabulary.constructor === CharacterVocabulary) return (description) => charactersFrom(description as never);
  const own = vocabulary.constructor as unknown as { readonly [RESTORE]: Restore };
  // A class that extends one of ours inherits its function, but may have more to restore.
  return Object.hasOwn(own, RESTORE) ? (description) => own[RESTORE](description) : undefined;
}

function charactersFrom(description: readonly string[] | CharacterDescription): CharacterVocabulary {
  const lowercase = "tokens" in description;
  return new CharacterVocabulary(lowercase ? description.tokens : description, { lowercase });
}
