import { InputError, UnknownTokenError } from "../common/errors.js";
import { boolean, choice, integer, type OptionsOf, type SettledOptions, settle } from "../common/options.js";
import { show } from "../common/show.js";
import { checkInteger } from "../common/validate.js";
import type { Vocabulary } from "./vocabulary.js";

/** How a text is split into words, and which of them make a vocabulary. */
export const WORD_OPTIONS = {
  /** Lower-cases the text, and whatever is encoded later. */
  lowercase: boolean({ default: true }),
  /** Keeps punctuation marks and line breaks as tokens, or strips them. */
  punctuation: choice(["keep", "strip"], { default: "keep" }),
  /** Leaves out words that occur less often. */
  minFrequency: integer({ default: 1, min: 1 }),
  /** Keeps only so many tokens, the most frequent ones, `<unk>` included. Default: all. */
  maxTokens: integer({ default: Number.MAX_SAFE_INTEGER, min: 1 }),
  /** Has `<unk>` stand for words that are not in the vocabulary. Default: with a minFrequency above 1 or maxTokens. */
  unkToken: boolean({
    default: ({ minFrequency, maxTokens }) => Number(minFrequency) > 1 || maxTokens !== Number.MAX_SAFE_INTEGER,
  }),
};

/** How {@link words} makes a vocabulary of a text. */
export interface WordOptions extends OptionsOf<typeof WORD_OPTIONS> {}

/** How a {@link WordVocabulary} cuts a text into tokens. */
export type WordSplitting = Pick<SettledOptions<typeof WORD_OPTIONS>, "lowercase" | "punctuation">;

/** What {@link WordVocabulary.toJSON} gives: all of a vocabulary, as JSON. */
export type WordDescription = Pick<WordVocabulary, "level" | "tokens" | "lowercase" | "punctuation">;

/** Stands for every word that is not in the vocabulary. No text has it as a token: `<` and `>` are cut off. */
const UNK_TOKEN = "<unk>";

/**
 * A vocabulary whose tokens are words; with `punctuation: "keep"`, also punctuation marks and line breaks.
 *
 * `keep` cuts a text so:
 * - A word is a run of letters, combining marks, numbers and underscores. Apostrophes (' and ’) and single hyphens
 *   inside it belong to it: don't, mother-in-law.
 * - So does an apostrophe right before it: 'tis. (Of the quoted 'word', it is 'word and '.) One right after it does
 *   not: th' is th and '.
 * - A line break is a token, CRLF the same one as LF. Other white space only separates.
 * - Every other character is a token of its own, together with the combining marks on it.
 *
 * `strip` first takes out all but letters, combining marks, numbers, underscores and white space, and then cuts at
 * white space, like Python's `re.sub(r"[^\w\s]", "", text).split()`, which takes the combining marks out as well.
 *
 * Scripts without spaces between words come out as whole phrases: they are better read by character.
 */
export class WordVocabulary implements Vocabulary {
  readonly level = "word";
  /** Whether letters are made small before a text is cut. */
  readonly lowercase: boolean;
  /** Whether punctuation marks and line breaks are tokens, or left out. */
  readonly punctuation: "strip" | "keep";
  /** Whether `<unk>`, the first token, stands for words that are not in the vocabulary. */
  readonly hasUnkToken: boolean;
  private readonly indices: ReadonlyMap<string, number>;

  /**
   * @param tokens every token once, in the order of their indices; `<unk>` only as the first
   * @throws InputError for no word, a repeated one, or one that no text would be cut into
   */
  constructor(
    readonly tokens: readonly string[],
    { lowercase, punctuation }: WordSplitting,
  ) {
    this.lowercase = lowercase;
    this.punctuation = punctuation;
    this.hasUnkToken = tokens[0] === UNK_TOKEN;
    this.indices = new Map(tokens.map((token, index) => [token, index]));
    for (const [index, token] of tokens.entries()) {
      if (this.indices.get(token) !== index) throw new InputError(`${show(token)} stands twice in the vocabulary`);
      if (!(index === 0 && this.hasUnkToken) && !isToken(token, this))
        throw new InputError(`vocabulary entry ${index} is not one word: ${show(token)}`);
    }
    if (tokens.length === (this.hasUnkToken ? 1 : 0))
      throw new InputError("a vocabulary needs at least one word, got none");
  }

  get size(): number {
    return this.tokens.length;
  }

  /**
   * The text as indices, one for each word. What is not in the vocabulary becomes `<unk>`, if that is in it.
   *
   * @throws UnknownTokenError for a word that is not in a vocabulary without `<unk>`
   */
  encode(text: string): Int32Array {
    return Int32Array.from(split(text, this), (word, position) => {
      const index = this.indices.get(word);
      if (index === undefined && !this.hasUnkToken) throw new UnknownTokenError(word, position);
      return index ?? 0;
    });
  }

  /**
   * The words of the text that are in the vocabulary, joined as {@link decodeToken} says. The others are left out, even
   * where `<unk>` could stand for them.
   */
  filterKnown(text: string): string {
    const known = split(text, this).map((word) => this.indices.get(word));
    return this.decode(known.filter((index) => index !== undefined));
  }

  /** The text that the indices stand for, joined as {@link decodeToken} says. Cut again, it gives the same tokens. */
  decode(tokens: Iterable<number>): string {
    let text = "";
    let previous: number | undefined;
    for (const token of tokens) {
      text += this.decodeToken(token, previous);
      previous = token;
    }
    return text;
  }

  /**
   * The word, after a space unless
   * - it begins the text, or there is a line break on either side;
   * - it is punctuation that closes (. , ; : ! ? … ' ’ ” » and brackets) or follows what opens (“ ‘ « ¿ and brackets);
   * - there is a — on either side (die—to), whereas - and – stand between spaces;
   * - a straight " asks for none. The token before it is all there is to tell its side by: it closes after
   *   punctuation other than a colon, and opens after all else. Nothing tells the side of one that has been written:
   *   a word after it always joins it. So `"No," he said` comes out as `"No,"he said`.
   */
  decodeToken(token: number, previous: number | undefined): string {
    const word = this.tokens[token]!;
    return previous !== undefined && apart(this.tokens[previous]!, word) ? ` ${word}` : word;
  }

  /** The tokens and how a text is cut into them. */
  toJSON(): WordDescription {
    const { level, lowercase, punctuation, tokens } = this;
    return { level, lowercase, punctuation, tokens };
  }
}

/**
 * A vocabulary of the words of a text, each once, in the order of their code points, so that the same words always
 * get the same indices; `<unk>` comes first.
 *
 * @throws OptionError for an option that cannot be
 * @throws InputError for a text without a word, with none frequent enough, or with half a character in it
 */
export function words(text: string, options: WordOptions = {}): WordVocabulary {
  const { lowercase, punctuation, minFrequency, maxTokens, unkToken } = settle(WORD_OPTIONS, options);
  const room = checkInteger("maxTokens", maxTokens, unkToken ? 2 : 1) - (unkToken ? 1 : 0);
  if (!text.isWellFormed())
    throw new InputError("the text holds half a character (a lone surrogate): decode it as UTF-8");

  const counts = new Map<string, number>();
  for (const word of split(text, { lowercase, punctuation })) counts.set(word, (counts.get(word) ?? 0) + 1);
  if (counts.size === (counts.has("\n") ? 1 : 0))
    throw new InputError("the text has no word in it: a vocabulary needs at least one");
  const frequent = [...counts].filter(([, count]) => count >= minFrequency);
  if (frequent.length === 0) throw new InputError(`no word of the text comes ${minFrequency} times`);
  if (frequent.length > room) {
    frequent.sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || byCodePoints(a, b));
    frequent.length = room;
  }
  const kept = frequent.map(([word]) => word).sort(byCodePoints);
  return new WordVocabulary(unkToken ? [UNK_TOKEN, ...kept] : kept, { lowercase, punctuation });
}

/**
 * The vocabulary that {@link WordVocabulary.toJSON} described.
 *
 * @throws InputError for anything that describes none
 */
export function wordsFrom(description: unknown): WordVocabulary {
  if (typeof description !== "object" || description === null)
    throw new InputError("a vocabulary is described by an array of characters, or an object with level and tokens");
  const { level, lowercase, punctuation, tokens, ...others } = description as Record<string, unknown>;
  if (level !== "word") throw new InputError(`vocabulary: level is to be "word", not ${show(level)}`);
  if (typeof lowercase !== "boolean")
    throw new InputError(`vocabulary: lowercase is to be true or false, not ${show(lowercase)}`);
  if (!isPunctuation(punctuation))
    throw new InputError(`vocabulary: punctuation is to be "strip" or "keep", not ${show(punctuation)}`);
  if (!Array.isArray(tokens)) throw new InputError("vocabulary: tokens is to be an array of words");
  // Another version's option could change how a text is cut.
  const [other] = Object.keys(others);
  if (other !== undefined) throw new InputError(`vocabulary: there is no option ${show(other)}`);
  return new WordVocabulary(tokens, { lowercase, punctuation });
}

const SPACE = String.raw`\s\p{White_Space}`;
/** What belongs to the character before it: combining marks, and the joiners of Persian, Indic scripts and emoji. */
const MARK = String.raw`\p{M}\p{Join_Control}`;
const LETTER = String.raw`\p{L}\p{N}_`;
const RUN = `[${LETTER}][${LETTER}${MARK}]*`;
const KEPT = new RegExp(String.raw`\n|['’]?${RUN}(?:['’\-‐‑]${RUN})*|[^${SPACE}][${MARK}]*`, "gu");
const STRIPPED = new RegExp(`(?![${MARK}])[^${LETTER}${SPACE}][${MARK}]*|\\p{Join_Control}`, "gu");
const BETWEEN_SPACE = new RegExp(`[^${SPACE}]+`, "gu");
const FIRST_KEPT = new RegExp(KEPT.source, "u");
const FIRST_BETWEEN_SPACE = new RegExp(BETWEEN_SPACE.source, "u");
/** UTF-16 units. Far longer ones overflow the regular expressions' stack. */
const LONGEST_WORD = 2 ** 20;

function split(text: string, { lowercase, punctuation }: WordSplitting): string[] {
  const cased = lowercase ? text.toLowerCase() : text;
  return punctuation === "strip"
    ? (cased.replace(STRIPPED, "").match(BETWEEN_SPACE) ?? [])
    : (cased.replaceAll("\r\n", "\n").match(KEPT) ?? []);
}

/** Whether a text that is this token would be cut into it alone. A foreign one may be no token, but a book. */
function isToken(token: unknown, { lowercase, punctuation }: WordSplitting): boolean {
  if (typeof token !== "string" || token.length > LONGEST_WORD || !token.isWellFormed()) return false;
  if (lowercase && token.toLowerCase() !== token) return false;
  if (punctuation === "strip" && token.search(STRIPPED) >= 0) return false;
  return token.match(punctuation === "strip" ? FIRST_BETWEEN_SPACE : FIRST_KEPT)?.[0] === token;
}

function isPunctuation(value: unknown): value is "strip" | "keep" {
  return value === "strip" || value === "keep";
}

const CLOSES = /^[\p{Terminal_Punctuation}\p{Pe}\p{Pf}…'—―]\p{M}*$/u;
const OPENS = /^[\p{Ps}\p{Pi}¿¡—―]\p{M}*$/u;
/** Half an emoji such as 👩‍🚀, which is two joined by U+200D. */
const JOINS = new RegExp(`^[^${LETTER}][${MARK}]*\\u200D$`, "u");
const STARTS_WITH_MARK = new RegExp(`^[${MARK}]`, "u");

/** Whether a space stands between two tokens. */
function apart(before: string, token: string): boolean {
  if (before === "\n" || token === "\n") return false;
  if (STARTS_WITH_MARK.test(token)) return true;
  if (OPENS.test(before) || JOINS.test(before) || CLOSES.test(token)) return false;
  if (before === '"' || (before === "-" && token === "-")) return false;
  return token !== '"' || before === ":" || !CLOSES.test(before);
}

/** Orders by code points, where `<` would order by UTF-16 units: from where two words differ, a whole one counts. */
function byCodePoints(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}
