import { InputError } from "../common/errors.js";
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
 * Checks that a vocabulary has all tokens of a text, or `<unk>`.
 *
 * @param advice what the user can do
 * @throws InputError that lists the missing ones
 */
export function refuseUnknownTokens(vocabulary: Vocabulary, text: string, advice: string): void {
  if (vocabulary instanceof WordVocabulary && vocabulary.hasUnkToken) return;
  const unknown = [...unknownIn(vocabulary, text)].sort(([, a], [, b]) => b.count - a.count);
  if (unknown.length === 0) return;
  const thing = vocabulary.level === "char" ? "character" : "word";
  const list = unknown.slice(0, LISTED).map(([token, { count: times, line }]) => {
    return `${quote(token)}${codePoint(token)} ${counted(times, "time")}${times > 1 ? " from" : " in"} line ${line}${times > 1 ? " on" : ""}`;
  });
  const rest = unknown.slice(LISTED);
  const more =
    rest.length === 0
      ? ""
      : `, and ${count(rest.length)} more, ${counted(
          rest.reduce((sum, [, { count: times }]) => sum + times, 0),
          "time",
        )}`;
  const are = unknown.length === 1 ? "is" : "are";
  throw new InputError(
    `${counted(unknown.length, `${thing}`)} of the text ${are} not in the vocabulary: ${list.join(", ")}${more}. ${advice}`,
  );
}

/** A single character's code point, since many look alike. */
function codePoint(token: string): string {
  if ([...token].length !== 1) return "";
  return ` (U+${token.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")})`;
}
