import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { isatty } from "node:tty";
import { load } from "../checkpoint/checkpoint.js";
import { CheckpointError } from "../checkpoint/checkpoint-error.js";
import { InputError, LstmError } from "../common/errors.js";
import { parseJson } from "../common/parse-json.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { vocabularyFrom } from "../data/vocabulary-from.js";
import type { Backend } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import { NO_FILE, reason, shownPath } from "./paths.js";

/** A string has at most 2²⁹ − 24 characters in V8. */
const LONGEST_TEXT = 2 ** 29 - 24;

/** Bytes of a checkpoint. The largest that the library writes have little more than its memory, 4 GiB. */
const LARGEST_CHECKPOINT = 2 ** 33;

/** Bytes of a file with a vocabulary: a checkpoint's header has no room for more. */
const LARGEST_VOCABULARY = 100_000_000;

/** Bytes that are asked for at once. Node takes at most 2³¹ − 1. */
const PIECE = 2 ** 30;
/** Bytes that are first made room for where a file does not say how large it is. */
const FIRST_ROOM = 2 ** 16;

/** What may be read. */
interface Reading {
  /** In bytes. */
  readonly most?: number;
  /** Whether it may be a pipe or a terminal: where the user has named it, not where a file has. Default true. */
  readonly streams?: boolean;
}

/**
 * A file's bytes.
 *
 * @throws InputError where it cannot be read, is too large, or is a device or the like
 */
export async function readBytes(
  path: string,
  { most = LARGEST_CHECKPOINT, streams = true }: Reading = {},
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // Without waiting for somebody to write into a pipe, where there may be none.
    const file = await open(path, constants.O_RDONLY | (streams ? 0 : (constants.O_NONBLOCK ?? 0)));
    try {
      // Of the open file, so that nothing can take its place.
      const status = await file.stat();
      if (status.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
      if (!status.isFile() && !(streams && (status.isFIFO() || isatty(file.fd)))) throw new Error(NO_FILE);
      if (status.size > most) throw new Error(`it has ${status.size} bytes, and more than ${most} are not read`);
      return await readAll(file, status.size, most);
    } finally {
      await file.close();
    }
  } catch (error) {
    const why = error instanceof RangeError ? "there is not enough memory for it" : reason(error);
    throw new InputError(`${shownPath(path)} cannot be read: ${why}`, { cause: error });
  }
}

/** Reads to the end, whatever size is told: a pipe has none, and a file may grow. */
async function readAll(file: FileHandle, size: number, most: number): Promise<Uint8Array<ArrayBuffer>> {
  // One more than there should be, so that the end is found without more room.
  let room = new Uint8Array((size || FIRST_ROOM) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(room, length, Math.min(PIECE, room.length - length), null);
    if (bytesRead === 0) return room.subarray(0, length);
    length += bytesRead;
    if (length > most) throw new Error(`it has no end within ${most} bytes`);
    if (length < room.length) continue;
    const larger = new Uint8Array(Math.min(2 * room.length, most + 1));
    larger.set(room);
    room = larger;
  }
}

/**
 * A file's text. A byte-order mark at its start is left out.
 *
 * @throws InputError where the file cannot be read, is not UTF-8, or is empty
 */
export async function readText(path: string, reading: Reading = {}): Promise<string> {
  const bytes = await readBytes(path, { most: LONGEST_TEXT, ...reading });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`${shownPath(path)} is not UTF-8 (byte ${firstBadByte(bytes)}): convert it first`, { cause });
  }
  if (text === "") throw new InputError(`${shownPath(path)} is empty: a text is needed`);
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

/**
 * The model in a checkpoint.
 *
 * @param vocabulary a file with a JSON array of the characters, for a checkpoint without a vocabulary
 * @throws InputError for a file that cannot be read or is no checkpoint
 */
export async function loadModel(
  path: string,
  backend: Backend | "auto" | undefined,
  vocabulary?: string,
): Promise<Model> {
  return modelIn(await readBytes(path), path, backend, vocabulary);
}

/**
 * The model in a checkpoint's bytes.
 *
 * @throws as {@link loadModel} does
 */
export async function modelIn(
  bytes: Uint8Array,
  path: string,
  backend: Backend | "auto" | undefined,
  vocabulary?: string,
): Promise<Model> {
  const options = { backend };
  return asCheckpoint(path, async () => {
    if (vocabulary === undefined) return load(bytes, options);
    return load(bytes, { ...options, vocabulary: await readVocabulary(vocabulary) });
  });
}

/** Does something with a checkpoint; what is wrong with it is said with its name. */
export async function asCheckpoint<Result>(path: string, action: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    const lacksVocabulary = error.where.endsWith("vocabulary") && error.message.endsWith("neither");
    const advice = lacksVocabulary ? " (--vocabulary FILE gives one)" : "";
    const why = `${shownPath(path)} is no checkpoint that can be used: ${error.message}${advice}`;
    throw new InputError(why, { cause: error });
  }
}

async function readVocabulary(path: string): Promise<Vocabulary> {
  const text = await readText(path, { most: LARGEST_VOCABULARY });
  try {
    return vocabularyFrom(parseJson(text, text.length));
  } catch (cause) {
    const why = cause instanceof LstmError ? cause.message : "it is not JSON";
    throw new InputError(`${shownPath(path)} holds no vocabulary, a JSON array of characters: ${why}`, { cause });
  }
}
