import { quote } from "../../common/show.js";
import { CheckpointError } from "../checkpoint-error.js";

/**
 * Most members of an object. The largest models have a few thousand tensors; each takes far more memory than its few
 * bytes of text.
 */
export const MAX_MEMBERS = 100_000;

/**
 * Reads JSON (RFC 8259) of a known structure: the caller says what must come next, and anything else is rejected where
 * it begins. So the text cannot make the reader nest deeper than the caller does, and no key is special.
 *
 * Stricter than JSON.parse: keys must be unique, text must be well-formed Unicode, and numbers must be safe
 * non-negative integers in plain digits. Every method throws a CheckpointError that says where.
 */
export class JsonReader {
  private position = 0;
  /** The current place: the name of the text, then keys and indices. */
  private readonly path: (string | number)[];

  /** @param name the name of the text in messages */
  constructor(
    private readonly text: string,
    name: string,
  ) {
    this.path = [name];
  }

  /** An object. `member` is called for each key, in the text's order, and must read the key's value. */
  object(member: (key: string) => void): void {
    this.expect("{");
    if (this.skip("}")) return;
    const keys = new Set<string>();
    do {
      const key = this.string();
      if (keys.size === MAX_MEMBERS) throw this.error(`at most ${MAX_MEMBERS} members`, "more");
      if (keys.has(key)) throw this.error("every key once", `${quote(key)} again`);
      keys.add(key);
      this.expect(":");
      this.path.push(key);
      member(key);
      this.path.pop();
    } while (this.skip(","));
    this.expect("}", '"," or "}"');
  }

  /** An array of at most `most` integers. */
  integers(most: number): number[] {
    const values: number[] = [];
    this.expect("[");
    if (this.skip("]")) return values;
    do {
      if (values.length === most) throw this.error(`at most ${most} numbers`, "more");
      this.path.push(values.length);
      values.push(this.integer());
      this.path.pop();
    } while (this.skip(","));
    this.expect("]", '"," or "]"');
    return values;
  }

  /** A string, unescaped. */
  string(): string {
    this.expect('"', "a string");
    const start = this.position - 1;
    for (let code = 0; code !== QUOTATION_MARK; this.position += code === BACKSLASH ? 2 : 1) {
      if (this.position >= this.text.length) throw this.unexpected("the rest of a string");
      code = this.text.charCodeAt(this.position);
    }
    const literal = this.text.slice(start, this.position);
    const text = parseString(literal);
    if (!text?.isWellFormed()) throw this.error("a string of well-formed Unicode", quote(literal));
    return text;
  }

  /** The end of the text, after nothing but spaces (U+0020). */
  end(): void {
    while (this.text.charCodeAt(this.position) === SPACE) this.position++;
    if (this.position < this.text.length) throw this.unexpected("nothing but spaces to the end");
  }

  /** An error about the current value, or the value at `keys` within it. */
  error(expected: string, received: string | number, ...keys: string[]): CheckpointError {
    return new CheckpointError([...this.path, ...keys], expected, received);
  }

  /** An integer from 0 to 2⁵³ − 1 in plain digits: no sign, fraction, exponent or leading zero. */
  private integer(): number {
    this.skipSpace();
    const start = this.position;
    while (isNumeric(this.text.charCodeAt(this.position))) this.position++;
    const digits = this.text.slice(start, this.position);
    if (digits === "") throw this.unexpected("an integer");
    if (!/^(0|[1-9][0-9]{0,15})$/.test(digits) || !Number.isSafeInteger(Number(digits))) {
      throw this.error("an integer from 0 to 2^53 - 1 in plain digits", quote(digits));
    }
    return Number(digits);
  }

  private expect(character: string, expected = `"${character}"`): void {
    if (!this.skip(character)) throw this.unexpected(expected);
  }

  private skip(character: string): boolean {
    this.skipSpace();
    if (this.text.charAt(this.position) !== character) return false;
    this.position++;
    return true;
  }

  private skipSpace(): void {
    while (isSpace(this.text.charCodeAt(this.position))) this.position++;
  }

  private unexpected(expected: string): CheckpointError {
    const rest = this.text.slice(this.position, this.position + 20);
    return this.error(expected, rest === "" ? "the end" : `${quote(rest)} at character ${this.position}`);
  }
}

const SPACE = 0x20;
const QUOTATION_MARK = 0x22;
const BACKSLASH = 0x5c;

/** A quoted string literal: for these, JSON.parse is as strict as the grammar. */
function parseString(literal: string): string | undefined {
  try {
    return JSON.parse(literal);
  } catch {
    return undefined;
  }
}

function isSpace(code: number): boolean {
  return code === SPACE || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The characters of JSON numbers: digits, + - . e E. */
function isNumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e || (code | 0x20) === 0x65;
}
