import { InputError, UnknownTokenError } from "../common/errors.js";
import { quote } from "../common/show.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { isSpacing, split, WordVocabulary } from "../data/words.js";
import { count, counted } from "./terminal.js";

/** Unknown tokens that a message lists. */
const LISTED = 20;

/** How often an unknown token occurs in a text, and its first line. */
export interface Unknown {
  count: number;
  readonly line: number;
}

/**
 * The tokens of a text that are not in the vocabulary, in the order of the text, including those encoded as `<unk>`.
 */
export function unknownIn(vocabulary: Vocabulary, text: string): Map<string, Unknown> {
  const known = new Set(vocabulary.tokens);
  const found = new Map<string, Unknown>();
  const see = (token: string, line: number) => {
    if (known.has(token)) return;
    const before = found.get(token);
    if (before) before.count++;
    else found.set(token, { count: 1, line });
  };
  let line = 1;
  if (vocabulary instanceof WordVocabulary) {
    for (const content of text.split("\n")) {
      for (const word of split(content, vocabulary)) if (!isSpacing(word)) see(word, line);
      line++;
    }
    return found;
  }
  const { lowercase = false } = vocabulary as { lowercase?: boolean };
  for (const character of lowercase ? text.toLowerCase() : text) {
    see(character, line);
    if (character === "\n") line++;
  }
  return found;
}

/**
 * A text as tokens.
 *
 * @param advice what the user can do about tokens that the vocabulary has not, nor anything that stands for them
 * @param what the text is
 * @throws InputError which lists them
 */
export function encodeKnown(vocabulary: Vocabulary, text: string, advice: string, what = "text"): Int32Array {
  try {
    return vocabulary.encode(text);
  } catch (error) {
    if (!(error instanceof UnknownTokenError)) throw error;
    const unknown = unknownIn(vocabulary, text);
    const are = unknown.size === 1 ? "is" : "are";
    throw new InputError(
      `${things(unknown.size, vocabulary)} of the ${what} ${are} not in the vocabulary: ${list(unknown)}. ${advice}`,
    );
  }
}

/**
 * A text without the tokens that a vocabulary has not.
 *
 * @param what the text is
 * @returns besides, how many tokens were left out, and a line that lists them
 */
export function skipUnknownTokens(
  vocabulary: Vocabulary,
  text: string,
  what = "text",
): { text: string; skipped: number; notice?: string } {
  const unknown = unknownIn(vocabulary, text);
  const known = vocabulary.filterKnown(text);
  if (unknown.size === 0) return { text: known, skipped: 0 };
  const skipped = total(unknown.values());
  const notice = `Left out of the ${what}, since the vocabulary lacks them: ${things(skipped, vocabulary)}, ${list(unknown)}`;
  return { text: known, skipped, notice };
}

const things = (number: number, { level }: Vocabulary): string =>
  counted(number, level === "char" ? "character" : "word");

const total = (all: Iterable<Unknown>): number => Array.from(all).reduce((sum, { count: times }) => sum + times, 0);

/** The most frequent tokens with their counts and lines, and how many more there are. */
function list(unknown: ReadonlyMap<string, Unknown>): string {
  const sorted = [...unknown].sort(([, a], [, b]) => b.count - a.count);
  const listed = sorted.slice(0, LISTED).map(([token, { count: times, line }]) => {
    const where = times > 1 ? `from line ${line} on` : `in line ${line}`;
    return `${quote(token)}${codePoint(token)} ${counted(times, "time")} ${where}`;
  });
  const rest = sorted.slice(LISTED).map(([, found]) => found);
  const more = rest.length === 0 ? "" : `, and ${count(rest.length)} more, ${counted(total(rest), "time")}`;
  return `${listed.join(", ")}${more}`;
}

/** A single character's code point, since many look alike. */
function codePoint(token: string): string {
  if ([...token].length !== 1) return "";
  return ` (U+${token.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")})`;
}
