import { InputError, UnknownTokenError } from "../common/errors.js";
import { show } from "../common/show.js";

/** The index of `<unk>`, in a vocabulary that has it. */
export const UNK_INDEX = 0;

/**
 * The tokens that a model knows, each with its index, and how a text becomes tokens and tokens a text. Made by
 * {@link characters} or {@link words}, or an object of one's own: a checkpoint then keeps what its `toJSON` gives, and
 * `load` takes the object, whose `toJSON` has to give the same, as its option `vocabulary`.
 */
export interface Vocabulary {
  /** What a token is: a character (a Unicode code point) or a word. */
  readonly level: "char" | "word";
  /** Every token once, in the order of their indices. */
  readonly tokens: readonly string[];
  /** How many tokens there are. */
  readonly size: number;
  /** Whether token 0 stands for whatever is not in the vocabulary. */
  readonly hasUnkToken?: boolean;
  /**
   * The text as indices.
   *
   * @throws UnknownTokenError for a token of the text that is not in the vocabulary
   */
  encode(text: string): Int32Array;
  /** The text that the indices stand for: the {@link decodeToken} of each, one after the other. */
  decode(tokens: Iterable<number>): string;
  /** What a token adds to a text whose last token is `previous`; to an empty text where that is undefined. */
  decodeToken(token: number, previous: number | undefined): string;
  /** The text without what is not in the vocabulary. */
  filterKnown(text: string): string;
  /** What a checkpoint stores: JSON, from which {@link vocabularyFrom} makes the same vocabulary. */
  toJSON(): unknown;
}

/** A vocabulary whose tokens are characters: Unicode code points. */
export class CharacterVocabulary implements Vocabulary {
  readonly level = "char";
  private readonly indices: ReadonlyMap<string, number>;

  /**
   * @param tokens every token once, in the order of their indices
   * @throws InputError for no token, a repeated one, or one that is not a single character
   */
  constructor(readonly tokens: readonly string[]) {
    if (tokens.length === 0) throw new InputError("a vocabulary needs at least one character, got none");
    this.indices = new Map(tokens.map((token, index) => [token, index]));
    for (const [index, token] of tokens.entries()) {
      if (this.indices.get(token) !== index) throw new InputError(`${show(token)} stands twice in the vocabulary`);
      if (typeof token !== "string" || token.length > 2 || [...token].length !== 1 || !token.isWellFormed())
        throw new InputError(`vocabulary entry ${index} is not one character: ${show(token)}`);
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
    const tokens = new Int32Array(text.length);
    let length = 0;
    for (const character of text) {
      const index = this.indices.get(character);
      if (index === undefined) throw new UnknownTokenError(character, length);
      tokens[length++] = index;
    }
    return tokens.subarray(0, length);
  }

  /** The text without the characters that are not in the vocabulary. */
  filterKnown(text: string): string {
    return [...text].filter((character) => this.indices.has(character)).join("");
  }

  /** The text that the indices stand for. */
  decode(tokens: Iterable<number>): string {
    let text = "";
    for (const token of tokens) text += this.tokens[token];
    return text;
  }

  /** The character itself, whatever comes before it. */
  decodeToken(token: number): string {
    return this.tokens[token]!;
  }

  /** The array of the characters. */
  toJSON(): readonly string[] {
    return this.tokens;
  }
}

/**
 * A vocabulary of the characters of a text: its code points, each once, in their numeric order, so that the same
 * characters always get the same indices.
 *
 * @throws InputError for an empty text, or one with half a character (a lone surrogate) in it
 */
export function characters(text: string): CharacterVocabulary {
  if (text.length === 0) throw new InputError("the text is empty: a vocabulary needs at least one character");
  if (!text.isWellFormed())
    throw new InputError("the text holds half a character (a lone surrogate): decode it as UTF-8");
  const distinct = [...new Set(text)];
  return new CharacterVocabulary(distinct.sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
}
