/** Characters of JSON text, and how deep it may be nested: far beyond all that is written here, vocabularies aside. */
const LONGEST = 2 ** 22;
const DEEPEST = 16;

/**
 * What JSON text of unknown origin says. Deeper nesting would overflow the stack of whatever looks through it, and a
 * short text can stand for a great many values.
 *
 * @param longest in UTF-16 units
 * @throws Error, with what was expected, for what is no JSON, too deep or too long
 */
export function parseJson(text: string, longest = LONGEST): unknown {
  if (text.length > longest) throw new Error(`at most ${longest} characters of JSON`);
  if (outline(text).depth > DEEPEST) throw new Error(`JSON nested at most ${DEEPEST} deep`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("JSON");
  }
}

/** How deep JSON text is nested, and how many commas stand between its values: found without making any of them. */
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
/** What a brace has and the bracket of its side has not. */
const BRACE = 0x20;
