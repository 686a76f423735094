import { parseJson } from "../common/parse-json.js";
import { ConversionError } from "./conversion-error.js";

/** Longest JSON file, in bytes: a model's structure, or its vocabulary. */
const LONGEST = 2 ** 26;

/**
 * Parses a JSON file.
 *
 * @throws ConversionError for one that is none, nested too deep or too long
 */
export function parseFile(name: string, bytes: Uint8Array): unknown {
  try {
    if (bytes.length > LONGEST) throw new Error(`at most ${LONGEST} bytes of JSON`);
    // A browser does not decode shared memory.
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes)), LONGEST);
  } catch (error) {
    const expected = error instanceof TypeError ? "UTF-8" : (error as Error).message;
    throw new ConversionError(name, `expected ${expected}`);
  }
}

/** Whether JSON is an object. */
export const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === "object" && json !== null && !Array.isArray(json);
