import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { decode, ENCODING_EXAMPLES, isEncoding, looksLikeText } from "../common/decode-text.js";
import { InputError } from "../common/errors.js";
import { NO_STREAMS, type Reading, readBytes } from "./files.js";
import { UsageError } from "./flags.js";
import { reason, shownPath } from "./paths.js";

/** The path that stands for standard input. */
export const STDIN = "-";

/** A string has at most 2²⁹ − 24 characters in V8. */
const LONGEST_TEXT = 2 ** 29 - 24;

/** Most file names to list. */
const SHOWN_FILES = 10;

/** How texts are read. */
export interface TextReading extends Reading {
  /** One of TextDecoder's labels. Default: UTF-8, or UTF-16 if the bytes show it. */
  readonly encoding?: string | undefined;
  /** What is tried for bytes that are neither. */
  readonly fallback?: string | undefined;
}

/** Texts and their files. */
export interface Texts {
  readonly text: string;
  /** In the order of the text. */
  readonly files: readonly string[];
  /** Files in folders that were skipped because they are not text. */
  readonly skipped: readonly string[];
}

/** @throws UsageError for a label that TextDecoder does not know */
export function checkEncoding(label: string | undefined): void {
  if (label === undefined || isEncoding(label)) return;
  const examples = "such as utf-8, utf-16le, windows-1252 (for Latin-1 too) or shift_jis";
  throw new UsageError(`--encoding: expected a label that TextDecoder knows, ${examples}, got ${shownPath(label)}`);
}

/**
 * The concatenated texts of files, of all files in folders, and of standard input.
 *
 * @param paths files, folders and {@link STDIN}
 * @throws InputError if one cannot be read or is not text, or if all are empty
 */
export async function readTexts(paths: readonly string[], reading: TextReading = {}): Promise<Texts> {
  if (paths.filter((path) => path === STDIN).length > 1) throw new UsageError("standard input can be read only once");
  const files: string[] = [];
  const skipped: string[] = [];
  const parts: string[] = [];
  let length = 0;
  const add = (path: string, part: string) => {
    files.push(path);
    length += part.length;
    if (length > LONGEST_TEXT) throw new InputError(`the texts have more than ${LONGEST_TEXT} characters together`);
    parts.push(part);
  };
  for (const path of paths) {
    if (path === STDIN || reading.streams === false || !(await isFolder(path))) {
      add(path, await readText(path, reading));
      continue;
    }
    const before = files.length;
    for (const file of await filesIn(path)) {
      const bytes = await readBytes(file, { most: LONGEST_TEXT, ...reading, ...NO_STREAMS });
      if (bytes.length > 0 && (reading.encoding !== undefined || looksLikeText(bytes)))
        add(file, decoded(bytes, file, reading));
      else skipped.push(file);
    }
    if (files.length === before) throw new InputError(`${shownPath(path)} contains no text`);
  }
  return { text: parts.join(""), files, skipped };
}

/**
 * A file's text, without its byte order mark.
 *
 * @throws InputError if it cannot be read, is in another encoding, or is empty
 */
export async function readText(path: string, reading: TextReading = {}): Promise<string> {
  const bytes = path === STDIN ? await readStdin() : await readBytes(path, { most: LONGEST_TEXT, ...reading });
  const text = decoded(bytes, path, reading);
  if (text === "") throw new InputError(`${nameOf(path)} is empty`);
  return text;
}

/** A line about the files that were read, for folders and several files. */
export function describeFiles({ files, skipped }: Texts): string {
  const list = (names: readonly string[]) => {
    const more = names.length - SHOWN_FILES;
    return `${names.slice(0, SHOWN_FILES).map(nameOf).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  };
  const without = skipped.length === 0 ? "" : `; skipped, because they are empty or not text: ${list(skipped)}`;
  return `Read ${files.length === 1 ? "1 text" : `${files.length} texts`}: ${list(files)}${without}`;
}

const nameOf = (path: string): string => (path === STDIN ? "standard input" : shownPath(path));

async function readStdin(): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of process.stdin as AsyncIterable<Uint8Array>) {
      length += piece.length;
      if (length > LONGEST_TEXT) throw new Error(`it is longer than ${LONGEST_TEXT} bytes`);
      pieces.push(piece);
    }
  } catch (error) {
    throw new InputError(`standard input cannot be read: ${reason(error)}`, { cause: error });
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    // Reading it reports the problem.
    () => false,
  );
}

/**
 * The files in a folder and below it, sorted by name. Hidden files are skipped; links are not followed, because they
 * may form a loop.
 *
 * @throws InputError if a folder cannot be read
 */
export async function filesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new InputError(`${shownPath(folder)} cannot be read: ${reason(error)}`, { cause: error });
  }
  // By code units: the order must not depend on the user's language.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesIn(path)));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}

function decoded(bytes: Uint8Array<ArrayBuffer>, path: string, { encoding, fallback }: TextReading): string {
  let result = decode(bytes, encoding);
  const canFallBack = encoding === undefined && fallback !== undefined && isEncoding(fallback);
  if ("problem" in result && canFallBack && looksLikeText(bytes)) result = decode(bytes, fallback);
  if ("text" in result) return result.text;
  const isNul = result.problem.startsWith("contains");
  const advice = `${isNul ? "if it is text, " : ""}pass its encoding with --encoding LABEL, such as ${ENCODING_EXAMPLES}`;
  throw new InputError(`${nameOf(path)} ${result.problem}: ${advice}`);
}
