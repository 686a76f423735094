import { InputError, UnknownTokenError } from "../common/errors.js";
import { boolean, choice, integer, type OptionsOf, type SettledOptions, settle } from "../common/options.js";
import { show } from "../common/show.js";
import { checkArray, checkInteger, checkString } from "../common/validate.js";
import { RESTORE } from "./restore.js";
import type { Vocabulary } from "./vocabulary.js";

/** How a text is split into words, and which words are in the vocabulary. */
export const WORD_OPTIONS = {
  /** Lower-cases the text, and every text that is encoded. */
  lowercase: boolean({ default: true }),
  /** Keeps punctuation marks and line breaks as tokens, or strips them. */
  punctuation: choice(["keep", "strip"], { default: "keep" }),
  /**
   * Keeps unusual white space as tokens, so that a decoded text equals the original, or normalizes it. Default:
   * normalizes it if punctuation is stripped.
   */
  whitespace: choice(["keep", "normalize"], {
    default: ({ punctuation }) => (punctuation === "strip" ? "normalize" : "keep"),
    requires: { punctuation: ["keep"] },
  }),
  /** Omits words that occur less often than this. */
  minFrequency: integer({ default: 1, min: 1 }),
  /** Vocabulary size limit, `<unk>` included: keeps the most frequent words. Default: no limit. */
  maxTokens: integer({ default: Number.MAX_SAFE_INTEGER, min: 1 }),
  /** Encodes words that are not in the vocabulary as `<unk>`. Default: with a minFrequency above 1 or maxTokens. */
  unkToken: boolean({
    default: ({ minFrequency, maxTokens }) => Number(minFrequency) > 1 || maxTokens !== Number.MAX_SAFE_INTEGER,
  }),
};

/** Options of {@link words}. */
export interface WordOptions extends OptionsOf<typeof WORD_OPTIONS> {}

/** How a {@link WordVocabulary} splits a text. */
export type WordSplitting = Pick<SettledOptions<typeof WORD_OPTIONS>, "lowercase" | "punctuation"> & {
  /** Default: `normalize`. */
  readonly whitespace?: "keep" | "normalize";
};

/** The result of {@link WordVocabulary.toJSON}. */
export type WordDescription = Pick<WordVocabulary, "level" | "tokens" | "lowercase" | "punctuation"> & {
  /** Present where unusual white space is kept as tokens. */
  readonly whitespace?: "keep";
};

/** Stands for words that are not in the vocabulary. No text produces it: `<` and `>` are tokens of their own. */
const UNK_TOKEN = "<unk>";
/** Marks a missing space: `3 . <join> 14` is 3.14. No text produces it either. */
const JOIN_TOKEN = "<join>";

/**
 * A vocabulary whose tokens are words; with `punctuation: "keep"`, also punctuation marks and line breaks.
 *
 * `keep` splits a text as follows:
 * - A word is a run of letters, combining marks, numbers and underscores, including apostrophes (' and ’) and single
 *   hyphens inside it: don't, mother-in-law.
 * - An apostrophe right before it belongs to it too: 'tis. (So the quoted 'word' becomes 'word and '.) One right after
 *   it does not: th' becomes th and '.
 * - A line break is a token; CRLF counts as LF. Other white space only separates.
 * - Every other character is a token of its own, together with the combining marks on it.
 *
 * With `whitespace: "keep"`, white space that {@link decodeToken} would not insert by itself becomes a token: the run
 * of white space as it is, or `<join>` for a missing space. A decoded text then equals the encoded one, except that
 * CRLF becomes LF and white space at the very end is lost. White space that is not in the vocabulary is dropped.
 *
 * `strip` removes everything but letters, combining marks, numbers, underscores and white space, then splits at white
 * space, like Python's `re.sub(r"[^\w\s]", "", text).split()`, which removes combining marks too.
 *
 * Scripts without spaces between words yield whole phrases: read them by character instead.
 */
export class WordVocabulary implements Vocabulary {
  readonly level = "word";
  /** Whether texts are lower-cased before they are split. */
  readonly lowercase: boolean;
  /** Whether punctuation marks and line breaks are kept as tokens, or stripped. */
  readonly punctuation: "strip" | "keep";
  /** Whether unusual white space is kept as tokens. */
  readonly whitespace: "keep" | "normalize";
  /** Whether `<unk>`, the first token, stands for words that are not in the vocabulary. */
  readonly hasUnkToken: boolean;
  private readonly indices: ReadonlyMap<string, number>;

  /** @internal */
  static [RESTORE](description: unknown): WordVocabulary {
    return wordsFrom(description);
  }

  /**
   * @param tokens distinct tokens, in the order of their indices; `<unk>` only as the first
   * @throws InputError for no words, a repeated one, or one that splitting could not produce
   */
  constructor(
    readonly tokens: readonly string[],
    splitting: WordSplitting,
  ) {
    checkArray("tokens", tokens);
    const { lowercase, punctuation, whitespace = "normalize" } = Object(splitting) as WordSplitting;
    this.lowercase = lowercase;
    this.punctuation = punctuation;
    this.whitespace = whitespace;
    this.hasUnkToken = tokens[0] === UNK_TOKEN;
    this.indices = new Map(Array.from(tokens, (token, index) => [token, index]));
    for (const [index, token] of tokens.entries()) {
      if (this.indices.get(token) !== index) throw new InputError(`${show(token)} is in the vocabulary twice`);
      if (!(index === 0 && this.hasUnkToken) && !isToken(token, this))
        throw new InputError(`vocabulary entry ${index}: expected a single word, got ${show(token)}`);
    }
    if (tokens.length === (this.hasUnkToken ? 1 : 0))
      throw new InputError("a vocabulary needs at least one word, got none");
  }

  get size(): number {
    return this.tokens.length;
  }

  /**
   * The text as indices, one for each word. Other words become `<unk>` if that is in the vocabulary.
   *
   * @throws UnknownTokenError for a word that is not in a vocabulary without `<unk>`
   */
  encode(text: string): Int32Array {
    const tokens = split(text, this).filter((token) => !isSpacing(token) || this.indices.has(token));
    return Int32Array.from(tokens, (word, position) => {
      const index = this.indices.get(word);
      if (index === undefined && !this.hasUnkToken) throw new UnknownTokenError(word, position);
      return index ?? 0;
    });
  }

  /**
   * The words of the text that are in the vocabulary, joined as by {@link decodeToken}. Other words are dropped, even
   * if the vocabulary has `<unk>`.
   */
  filterKnown(text: string): string {
    const known = split(text, this).map((word) => this.indices.get(word));
    return this.decode(known.filter((index) => index !== undefined));
  }

  /** The text for a sequence of indices, joined as by {@link decodeToken}. Encoding it gives the same tokens. */
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
   * - it or the token before is white space, or `<join>`, which adds nothing;
   * - it starts the text, or there is a line break on either side;
   * - it is closing punctuation (. , ; : ! ? … ' ’ ” » and brackets) or follows opening punctuation (“ ‘ « ¿ and
   *   brackets);
   * - there is a — on either side (die—to), whereas - and – stand between spaces;
   * - a straight " rules it out. Only the token before a " tells whether it opens or closes: it closes after
   *   punctuation other than a colon, and opens otherwise. What follows a " cannot tell, so a word always joins it:
   *   `"No," he said` comes out as `"No,"he said`.
   */
  decodeToken(token: number, previous: number | undefined): string {
    const word = this.tokens[token]!;
    if (word === JOIN_TOKEN) return "";
    return previous !== undefined && apart(this.tokens[previous]!, word) ? ` ${word}` : word;
  }

  /** The tokens and how texts are split into them. */
  toJSON(): WordDescription {
    const { level, lowercase, punctuation, whitespace, tokens } = this;
    return { level, lowercase, punctuation, ...(whitespace === "keep" ? { whitespace } : {}), tokens };
  }
}

/**
 * A vocabulary of the distinct words of a text, in code point order, so that the same words always get the same
 * indices; `<unk>` comes first.
 *
 * @throws OptionError for an invalid option value
 * @throws InputError for a text without words, without frequent enough words, or with a lone surrogate (half a
 *   character)
 */
export function words(text: string, options: WordOptions = {}): WordVocabulary {
  const { minFrequency, maxTokens, unkToken, ...splitting } = settle(WORD_OPTIONS, options);
  const room = checkInteger("maxTokens", maxTokens, unkToken ? 2 : 1) - (unkToken ? 1 : 0);
  if (!checkString("text", text).isWellFormed())
    throw new InputError("the text contains a lone surrogate (half a character): decode it as UTF-8");

  const counts = new Map<string, number>();
  for (const word of split(text, splitting)) counts.set(word, (counts.get(word) ?? 0) + 1);
  if (![...counts.keys()].some((token) => token !== "\n" && !isSpacing(token)))
    throw new InputError("the text contains no words: a vocabulary needs at least one");
  const frequent = [...counts].filter(([, count]) => count >= minFrequency);
  if (frequent.length === 0) throw new InputError(`no word occurs at least ${minFrequency} times in the text`);
  if (frequent.length > room) {
    frequent.sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || byCodePoints(a, b));
    frequent.length = room;
  }
  const kept = frequent.map(([word]) => word).sort(byCodePoints);
  return new WordVocabulary(unkToken ? [UNK_TOKEN, ...kept] : kept, splitting);
}

/**
 * Restores a vocabulary from {@link WordVocabulary.toJSON}.
 *
 * @throws InputError for an invalid description
 */
export function wordsFrom(description: unknown): WordVocabulary {
  if (typeof description !== "object" || description === null)
    throw new InputError("vocabulary: expected an array of characters, or an object with level and tokens");
  const { level, lowercase, punctuation, whitespace, tokens, ...others } = description as Record<string, unknown>;
  if (level !== "word") throw new InputError(`vocabulary: level: expected "word", got ${show(level)}`);
  if (typeof lowercase !== "boolean")
    throw new InputError(`vocabulary: lowercase: expected true or false, got ${show(lowercase)}`);
  if (!isPunctuation(punctuation))
    throw new InputError(`vocabulary: punctuation: expected "strip" or "keep", got ${show(punctuation)}`);
  if (whitespace !== undefined && (whitespace !== "keep" || punctuation !== "keep"))
    throw new InputError('vocabulary: whitespace: expected "keep" beside punctuation "keep", or nothing');
  if (!Array.isArray(tokens)) throw new InputError("vocabulary: tokens: expected an array of words");
  // An option of another version could change how a text is split.
  const [other] = Object.keys(others);
  if (other !== undefined) throw new InputError(`vocabulary: unknown option ${show(other)}`);
  return new WordVocabulary(tokens, { lowercase, punctuation, ...(whitespace ? { whitespace } : {}) });
}

const SPACE = String.raw`\s\p{White_Space}`;
/** Characters that attach to the one before: combining marks, and the joiners of Persian, Indic scripts and emoji. */
const MARK = String.raw`\p{M}\p{Join_Control}`;
const LETTER = String.raw`\p{L}\p{N}_`;
const RUN = `[${LETTER}][${LETTER}${MARK}]*`;
const KEPT = new RegExp(String.raw`\n|['’]?${RUN}(?:['’\-‐‑]${RUN})*|[^${SPACE}][${MARK}]*`, "gu");
const STRIPPED = new RegExp(`(?![${MARK}])[^${LETTER}${SPACE}][${MARK}]*|\\p{Join_Control}`, "gu");
const BETWEEN_SPACE = new RegExp(`[^${SPACE}]+`, "gu");
const FIRST_KEPT = new RegExp(KEPT.source, "u");
const FIRST_BETWEEN_SPACE = new RegExp(BETWEEN_SPACE.source, "u");
/** Longest word, in UTF-16 units: far longer ones overflow the stack of regular expressions. */
const LONGEST_WORD = 2 ** 20;

/** Splits a text into tokens. */
export function split(text: string, { lowercase, punctuation, whitespace }: WordSplitting): string[] {
  checkString("text", text);
  const cased = lowercase ? text.toLowerCase() : text;
  if (punctuation === "strip") return cased.replace(STRIPPED, "").match(BETWEEN_SPACE) ?? [];
  const lines = cased.replaceAll("\r\n", "\n");
  if (whitespace !== "keep") return lines.match(KEPT) ?? [];
  const tokens: string[] = [];
  let end = 0;
  let before = "\n";
  for (const { 0: token, index } of lines.matchAll(KEPT)) {
    const gap = lines.slice(end, index);
    if (gap !== (apart(before, token) ? " " : "")) tokens.push(gap || JOIN_TOKEN);
    tokens.push(token);
    end = index + token.length;
    before = token;
  }
  return tokens;
}

const ALL_SPACE = new RegExp(`^(?!.*\\n)[${SPACE}]+$`, "u");

/** Whether a token is white space between two others, or `<join>`; line breaks are not. */
export const isSpacing = (token: string): boolean => token === JOIN_TOKEN || ALL_SPACE.test(token);

/** Whether splitting this token gives only itself. An untrusted one may be as long as a book. */
function isToken(token: unknown, { lowercase, punctuation, whitespace }: WordSplitting): boolean {
  if (typeof token !== "string" || token.length > LONGEST_WORD || !token.isWellFormed()) return false;
  if (whitespace === "keep" && isSpacing(token)) return true;
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

/** Whether there is a space between two tokens. */
function apart(before: string, token: string): boolean {
  if (before === "\n" || token === "\n" || isSpacing(before) || isSpacing(token)) return false;
  if (STARTS_WITH_MARK.test(token)) return true;
  if (OPENS.test(before) || JOINS.test(before) || CLOSES.test(token)) return false;
  if (before === '"' || (before === "-" && token === "-")) return false;
  return token !== '"' || before === ":" || !CLOSES.test(before);
}

/** Compares by code points, where `<` would compare UTF-16 units: the first code points that differ decide. */
function byCodePoints(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return (a.codePointAt(i) ?? -1) - (b.codePointAt(i) ?? -1);
}
