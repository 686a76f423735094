import { InputError } from "./errors.js";
import { show } from "./show.js";

/** Bytes at the start of a file that are checked. */
const SAMPLE = 2 ** 16;

/** Encodings to name in messages. */
export const ENCODING_EXAMPLES = "windows-1252 (for Latin-1 too), utf-16le or shift_jis";

/** A text, or why there is none, such as "is not UTF-8 (byte 8)". */
export type Decoded = { readonly text: string } | { readonly problem: string };

/**
 * The text of a file's bytes, without its byte order mark.
 *
 * @param encoding one of TextDecoder's labels, such as `"windows-1252"`. Default: UTF-8, or UTF-16 if the bytes show it
 * @throws InputError for bytes that are not so encoded, and for a label that TextDecoder does not know
 */
export function decodeText(bytes: Uint8Array, encoding?: string): string {
  checkBytes(bytes);
  if (encoding !== undefined && !isEncoding(encoding))
    throw new InputError(
      `encoding: expected a label that TextDecoder knows, such as ${ENCODING_EXAMPLES}, got ${show(encoding)}`,
    );
  const decoded = decode(bytes, encoding);
  if ("text" in decoded) return decoded.text;
  throw new InputError(`the text ${decoded.problem}: pass its encoding, such as ${ENCODING_EXAMPLES}`);
}

/** As {@link decodeText}, but for the error. @throws RangeError for a label that TextDecoder does not know */
export function decode(bytes: Uint8Array, encoding?: string): Decoded {
  const label = encoding ?? utf16Of(bytes) ?? "utf-8";
  const decoder = new TextDecoder(label, { fatal: true });
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { problem: `is not ${label === "utf-8" ? "UTF-8" : label} (byte ${firstBadByte(bytes, label)})` };
  }
  const zero = encoding === undefined ? text.indexOf("\0") : -1;
  return zero < 0 ? { text } : { problem: `contains NUL (character ${zero}), which text does not` };
}

/** Whether TextDecoder knows a label. */
export function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label) !== undefined;
  } catch {
    return false;
  }
}

/**
 * The encoding that a text's bytes show, "utf-8" where they show none; undefined for bytes that look like no text.
 *
 * @throws InputError for what is not bytes
 */
export function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" | undefined {
  checkBytes(bytes);
  return utf16Of(bytes) ?? (looksLikeText(bytes) ? "utf-8" : undefined);
}

function checkBytes(bytes: unknown): void {
  if (!(bytes instanceof Uint8Array)) throw new InputError(`bytes: expected a Uint8Array, got ${show(bytes)}`);
}

/** Whether the first bytes of a file look like text, in any encoding. */
export function looksLikeText(bytes: Uint8Array): boolean {
  if (utf16Of(bytes) !== undefined) return true;
  // Control characters that text does not contain: all but tab, line and page ends, and escape.
  return !bytes.subarray(0, SAMPLE).some((byte) => byte < 32 && (byte < 9 || byte > 13) && byte !== 27);
}

/**
 * UTF-16 by its byte order mark or, without one, by its zeros: in any script, line ends, spaces and digits have one, always
 * on the same side. A text in UTF-8 has none.
 */
export function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const pairs = Math.min(SAMPLE, bytes.length) >> 1;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < pairs; i++) {
    if (bytes[2 * i] === 0) even++;
    if (bytes[2 * i + 1] === 0) odd++;
  }
  if (bytes.length % 2 !== 0 || Math.max(even, odd) < 0.02 * pairs) return undefined;
  if (even === 0 && odd > 0) return "utf-16le";
  return odd === 0 && even > 0 ? "utf-16be" : undefined;
}

/** The offset of the first byte that cannot follow those before it. */
function firstBadByte(bytes: Uint8Array, label: string): number {
  let good = 0;
  let bad = bytes.length;
  while (good + 1 < bad) {
    const middle = (good + bad) >>> 1;
    try {
      new TextDecoder(label, { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}
