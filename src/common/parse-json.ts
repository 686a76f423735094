/** Limits on the length and nesting depth of JSON: far above anything this library writes, vocabularies aside. */
export const LONGEST_JSON = 2 ** 22;
const DEEPEST = 16;

/**
 * Parses untrusted JSON. Deep nesting could overflow the stack of code that walks the result, and a short text can
 * describe a great many values.
 *
 * @param longest in UTF-16 units
 * @throws Error whose message says what was expected, for a text that is not JSON, too deeply nested or too long
 */
export function parseJson(text: string, longest = LONGEST_JSON): unknown {
  if (text.length > longest) throw new Error(`at most ${longest} characters of JSON`);
  if (outline(text).depth > DEEPEST) throw new Error(`JSON nested at most ${DEEPEST} deep`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("JSON");
  }
}

/** The nesting depth of JSON and the number of commas between values, counted without parsing it. */
export function outline(text: string): { depth: number; commas: number } {
  let open = 0;
  let depth = 0;
  let commas = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTATION_MARK) {
      for (i++; i < text.length && text.charCodeAt(i) !== QUOTATION_MARK; i++)
        if (text.charCodeAt(i) === BACKSLASH) i++;
    } else if (code === COMMA) commas++;
    else if ((code | BRACE) === OPENING) depth = Math.max(depth, ++open);
    else if ((code | BRACE) === CLOSING) open--;
  }
  return { depth, commas };
}

const QUOTATION_MARK = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING = 0x7b;
const CLOSING = 0x7d;
/** The bit that distinguishes a brace from a square bracket. */
const BRACE = 0x20;
