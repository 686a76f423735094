import { readFile } from "node:fs/promises";
import { InputError } from "../errors.js";

/**
 * A file's text. A byte-order mark at its start is left out.
 *
 * @throws InputError where the file cannot be read, is not UTF-8, or is empty
 */
export async function readText(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${reason(error)}`, { cause: error });
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`${path} is not UTF-8 (byte ${firstBadByte(bytes)}): convert it first`, { cause });
  }
  if (text === "") throw new InputError(`${path} is empty: a text to train on is needed`);
  return text;
}

/** The offset of the first byte that cannot follow those before it. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (good + 1 < bad) {
    const middle = (good + bad) >>> 1;
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

function reason(error: unknown): string {
  const { code } = error as { code?: string };
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}
