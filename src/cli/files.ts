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

/** V8's limit on the length of a string. */
const LONGEST_TEXT = 2 ** 29 - 24;

/** Most bytes of a checkpoint. The largest that the library can write are little more than its memory, 4 GiB. */
const LARGEST_CHECKPOINT = 2 ** 33;

/** Most bytes of a vocabulary file: a checkpoint's header has room for no more. */
const LARGEST_VOCABULARY = 100_000_000;

/** Bytes per read. Node allows at most 2³¹ − 1. */
const READ_SIZE = 2 ** 30;
/** Initial buffer size for a file of unknown size. */
const INITIAL_SIZE = 2 ** 16;

/** Limits on what is read. */
interface Reading {
  /** In bytes. */
  readonly most?: number;
  /** Whether pipes and terminals are allowed: if the user named the path, but not if a file did. Default true. */
  readonly streams?: boolean;
}

/**
 * Reads the bytes of a file.
 *
 * @throws InputError if it cannot be read, is too large, or is not a regular file
 */
export async function readBytes(
  path: string,
  { most = LARGEST_CHECKPOINT, streams = true }: Reading = {},
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // O_NONBLOCK does not wait for a writer if the path is a pipe.
    const file = await open(path, constants.O_RDONLY | (streams ? 0 : (constants.O_NONBLOCK ?? 0)));
    try {
      // Checks the open file, which cannot be replaced meanwhile.
      const status = await file.stat();
      if (status.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
      if (!status.isFile() && !(streams && (status.isFIFO() || isatty(file.fd)))) throw new Error(NO_FILE);
      if (status.size > most) throw new Error(`it has ${status.size} bytes; the limit is ${most}`);
      return await readAll(file, status.size, most);
    } finally {
      await file.close();
    }
  } catch (error) {
    const why = error instanceof RangeError ? "not enough memory" : reason(error);
    throw new InputError(`${shownPath(path)} cannot be read: ${why}`, { cause: error });
  }
}

/** Reads to the end, whatever the reported size: a pipe has none, and a file may grow. */
async function readAll(file: FileHandle, size: number, most: number): Promise<Uint8Array<ArrayBuffer>> {
  // One byte more than expected, so that the end is found without growing.
  let room = new Uint8Array((size || INITIAL_SIZE) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(room, length, Math.min(READ_SIZE, room.length - length), null);
    if (bytesRead === 0) return room.subarray(0, length);
    length += bytesRead;
    if (length > most) throw new Error(`it is longer than ${most} bytes`);
    if (length < room.length) continue;
    const larger = new Uint8Array(Math.min(2 * room.length, most + 1));
    larger.set(room);
    room = larger;
  }
}

/**
 * Reads the text of a file, without a byte-order mark.
 *
 * @throws InputError if the file cannot be read, is not UTF-8, or is empty
 */
export async function readText(path: string, reading: Reading = {}): Promise<string> {
  const bytes = await readBytes(path, { most: LONGEST_TEXT, ...reading });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`${shownPath(path)} is not UTF-8 (byte ${firstBadByte(bytes)}): convert it first`, { cause });
  }
  if (text === "") throw new InputError(`${shownPath(path)} is empty`);
  return text;
}

/** The offset of the first invalid byte. */
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
 * Loads the model from a checkpoint.
 *
 * @param vocabulary a file with a JSON array of the characters, for a checkpoint without a vocabulary
 * @throws InputError for a file that cannot be read or is not a checkpoint
 */
export async function loadModel(
  path: string,
  backend: Backend | "auto" | undefined,
  vocabulary?: string,
): Promise<Model> {
  return modelIn(await readBytes(path), path, backend, vocabulary);
}

/**
 * Loads the model from the bytes of a checkpoint.
 *
 * @throws as {@link loadModel}
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

/** Runs an action on a checkpoint; adds the file's name to its errors. */
export async function asCheckpoint<Result>(path: string, action: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    const lacksVocabulary = error.where.endsWith("vocabulary") && error.message.endsWith("neither");
    const advice = lacksVocabulary ? " (pass one with --vocabulary FILE)" : "";
    const why = `${shownPath(path)} is not a usable checkpoint: ${error.message}${advice}`;
    throw new InputError(why, { cause: error });
  }
}

async function readVocabulary(path: string): Promise<Vocabulary> {
  const text = await readText(path, { most: LARGEST_VOCABULARY });
  try {
    return vocabularyFrom(parseJson(text, text.length));
  } catch (cause) {
    const why = cause instanceof LstmError ? cause.message : "it is not JSON";
    throw new InputError(`${shownPath(path)} is not a vocabulary (a JSON array of characters): ${why}`, { cause });
  }
}
