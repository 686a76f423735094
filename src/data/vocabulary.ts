import { InputError, UnknownTokenError } from "../common/errors.js";
import { boolean, type OptionsOf, settle } from "../common/options.js";
import { show } from "../common/show.js";
import { checkArray, checkString } from "../common/validate.js";

/** The index of `<unk>`, in a vocabulary with an unknown token. */
export const UNK_INDEX = 0;

/**
 * The tokens that a model knows, each with an index, and the conversion between texts and tokens. Created by
 * {@link characters} or `words`, or a custom object: a checkpoint then stores the result of its `toJSON`, and `load`
 * requires an equal object as its option `vocabulary`.
 */
export interface Vocabulary {
  /** What a token is: a character (a Unicode code point) or a word. */
  readonly level: "char" | "word";
  /** All tokens, in the order of their indices. */
  readonly tokens: readonly string[];
  /** The number of tokens. */
  readonly size: number;
  /** Whether token 0 stands for everything that is not in the vocabulary. */
  readonly hasUnkToken?: boolean;
  /**
   * The text as indices.
   *
   * @throws UnknownTokenError for a token that is not in the vocabulary
   */
  encode(text: string): Int32Array;
  /** The text for a sequence of indices: the concatenated results of {@link decodeToken}. */
  decode(tokens: Iterable<number>): string;
  /** The text that a token adds after the token `previous`, which is undefined at the start of a text. */
  decodeToken(token: number, previous: number | undefined): string;
  /** The text without tokens that are missing from the vocabulary. */
  filterKnown(text: string): string;
  /** The vocabulary as JSON, as in checkpoints. `vocabularyFrom` of lstm-wasm/words restores it. */
  toJSON(): unknown;
}

/** How a text is split into characters. */
export const CHARACTER_OPTIONS = {
  /** Lower-cases the text, and every text that is encoded. */
  lowercase: boolean({ default: false }),
};

/** Options of {@link characters}. */
export interface CharacterOptions extends OptionsOf<typeof CHARACTER_OPTIONS> {}

/** The result of {@link CharacterVocabulary.toJSON} with `lowercase`. */
export type CharacterDescription = Pick<CharacterVocabulary, "level" | "lowercase" | "tokens">;

/** A vocabulary whose tokens are characters: Unicode code points. */
export class CharacterVocabulary implements Vocabulary {
  readonly level = "char";
  /** Whether texts are lower-cased before they are split. */
  readonly lowercase: boolean;
  private readonly indices: ReadonlyMap<string, number>;

  /**
   * @param tokens every token once, in the order of their indices
   * @throws InputError for no tokens, a repeated one, or one that splitting could not produce
   */
  constructor(
    readonly tokens: readonly string[],
    options: CharacterOptions = {},
  ) {
    checkArray("tokens", tokens);
    this.lowercase = settle(CHARACTER_OPTIONS, options).lowercase;
    if (tokens.length === 0) throw new InputError("a vocabulary needs at least one character, got none");
    this.indices = new Map(Array.from(tokens, (token, index) => [token, index]));
    for (const [index, token] of tokens.entries()) {
      if (this.indices.get(token) !== index) throw new InputError(`${show(token)} is in the vocabulary twice`);
      if (typeof token !== "string" || token.length > 2 || [...token].length !== 1 || !token.isWellFormed())
        throw new InputError(`vocabulary entry ${index}: expected a single character, got ${show(token)}`);
      if (this.cased(token) !== token)
        throw new InputError(`vocabulary entry ${index}: expected lower case, got ${show(token)}`);
    }
  }

  get size(): number {
    return this.tokens.length;
  }

  /**
   * The text as indices, one for each code point.
   *
   * @throws UnknownTokenError for a character that is not in the vocabulary
   */
  encode(text: string): Int32Array {
    const cased = this.cased(text);
    const tokens = new Int32Array(cased.length);
    let length = 0;
    for (const character of cased) {
      const index = this.indices.get(character);
      if (index === undefined) throw new UnknownTokenError(character, length);
      tokens[length++] = index;
    }
    return tokens.subarray(0, length);
  }

  /** The text without characters that are missing from the vocabulary. */
  filterKnown(text: string): string {
    return Array.from(this.cased(text), (character) => (this.indices.has(character) ? character : "")).join("");
  }

  /** The text for a sequence of indices. */
  decode(tokens: Iterable<number>): string {
    let text = "";
    for (const token of tokens) text += this.tokens[token];
    return text;
  }

  /** The character itself, whatever precedes it. */
  decodeToken(token: number): string {
    return this.tokens[token]!;
  }

  /** The array of characters; with `lowercase`, an object that contains it. */
  toJSON(): readonly string[] | CharacterDescription {
    const { level, lowercase, tokens } = this;
    return lowercase ? { level, lowercase, tokens } : tokens;
  }

  private cased(text: string): string {
    checkString("text", text);
    return this.lowercase ? text.toLowerCase() : text;
  }
}

/**
 * A vocabulary of the distinct characters of a text: its code points in numeric order, so that the same characters
 * always get the same indices.
 *
 * @throws OptionError for an invalid option value or an unknown option
 * @throws InputError for an empty text, or one that contains a lone surrogate (half a character)
 */
export function characters(text: string, options: CharacterOptions = {}): CharacterVocabulary {
  const { lowercase } = settle(CHARACTER_OPTIONS, options);
  if (checkString("text", text) === "")
    throw new InputError("the text is empty: a vocabulary needs at least one character");
  if (!text.isWellFormed())
    throw new InputError("the text contains a lone surrogate (half a character): decode it as UTF-8");
  const distinct = [...new Set(lowercase ? text.toLowerCase() : text)];
  return new CharacterVocabulary(
    distinct.sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!),
    { lowercase },
  );
}
