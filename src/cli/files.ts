import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { isatty } from "node:tty";
import { CheckpointError } from "../checkpoint/checkpoint-error.js";
import { type CheckpointSource, type LoadOptions, load } from "../checkpoint/load.js";
import type { ByteSource } from "../checkpoint/safetensors/bytes.js";
import { InputError, LstmError, OptionError } from "../common/errors.js";
import { parseJson } from "../common/parse-json.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { vocabularyFrom } from "../data/vocabulary-from.js";
import type { Model } from "../model/model.js";
import { UsageError } from "./flags.js";
import { NO_FILE, reason, shownPath } from "./paths.js";

/** Most bytes of a checkpoint: slightly more than a model's memory, 4 GiB. */
const LARGEST_CHECKPOINT = 2 ** 33;

/** Most bytes of a vocabulary file: a checkpoint's header has room for no more. */
const LARGEST_VOCABULARY = 100_000_000;

/** Bytes per read. Node allows at most 2³¹ − 1. */
const READ_SIZE = 2 ** 30;
/** Initial buffer size for a file of unknown size. */
const INITIAL_SIZE = 2 ** 16;

/** Limits on what is read. */
export interface Reading {
  /** In bytes. */
  readonly most?: number;
  /** Whether pipes and terminals are allowed: if the user named the path, but not if a file did. Default true. */
  readonly streams?: boolean;
}

/** Files alone. */
export const NO_STREAMS: Reading = { streams: false };

/**
 * Reads the bytes of a file.
 *
 * @throws InputError if it cannot be read, is too large, or is not a regular file
 */
export function readBytes(path: string, reading: Reading = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { most = LARGEST_CHECKPOINT } = reading;
  return withFile(path, reading, (file, { size }) => readAll(file, size, most));
}

/**
 * Runs an action on the bytes of a file, which are read on demand; those of a pipe are read at once.
 *
 * @throws InputError as {@link readBytes} does
 */
export function withSource<Result>(
  path: string,
  action: (source: ByteSource) => Promise<Result>,
  reading: Reading = {},
): Promise<Result> {
  const { most = LARGEST_CHECKPOINT } = reading;
  return withFile(path, reading, async (file, status) => {
    if (status.isFile()) return action({ size: status.size, read: (offset, length) => readAt(file, offset, length) });
    const bytes = await readAll(file, status.size, most);
    return action({ size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) });
  });
}

async function withFile<Result>(
  path: string,
  { most = LARGEST_CHECKPOINT, streams = true }: Reading,
  action: (file: FileHandle, status: Stats) => Promise<Result>,
): Promise<Result> {
  try {
    // O_NONBLOCK does not wait for a writer if the path is a pipe.
    const file = await open(path, constants.O_RDONLY | (streams ? 0 : (constants.O_NONBLOCK ?? 0)));
    try {
      // Checks the open file, which cannot be replaced meanwhile.
      const status = await file.stat();
      if (status.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
      if (!status.isFile() && !(streams && (status.isFIFO() || isatty(file.fd)))) throw new Error(NO_FILE);
      if (status.size > most) throw new Error(`it has ${status.size} bytes; the limit is ${most}`);
      return await action(file, status);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof LstmError || error instanceof UsageError) throw error;
    const why = error instanceof RangeError ? "not enough memory" : reason(error);
    throw new InputError(`${shownPath(path)} cannot be read: ${why}`, { cause: error });
  }
}

/** Reads into `bytes` from `at`, and returns the number of bytes read: 0 at the end. */
async function readSome(
  file: FileHandle,
  bytes: Uint8Array,
  at: number,
  length: number,
  position: number | null,
): Promise<number> {
  for (;;)
    try {
      return (await file.read(bytes, at, Math.min(READ_SIZE, length), position)).bytesRead;
    } catch (error) {
      // libuv repeats every interrupted call but this.
      if ((error as NodeJS.ErrnoException).code !== "EINTR") throw error;
    }
}

/** Reads `length` bytes, or fewer at the end of the file. */
async function readAt(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const bytesRead = await readSome(file, bytes, at, length - at, offset + at);
    if (bytesRead === 0) return bytes.subarray(0, at);
    at += bytesRead;
  }
  return bytes;
}

/** Reads to the end, whatever the reported size: a pipe has none, and a file may grow. */
async function readAll(file: FileHandle, size: number, most: number): Promise<Uint8Array<ArrayBuffer>> {
  // One byte more than expected, so that the end is found without growing.
  let room = new Uint8Array((size || INITIAL_SIZE) + 1);
  let length = 0;
  for (;;) {
    const bytesRead = await readSome(file, room, length, room.length - length, null);
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
 * The model in a checkpoint.
 *
 * @param vocabulary a file with a JSON array of the characters, for a checkpoint without a vocabulary
 * @throws InputError for a file that cannot be read or is not a checkpoint
 */
export async function loadModel(path: string, backend: LoadOptions["backend"], vocabulary?: string): Promise<Model> {
  return withSource(path, (source) => modelIn(source, path, backend, vocabulary));
}

/**
 * Loads the model from an open checkpoint.
 *
 * @throws as {@link loadModel}
 */
export async function modelIn(
  source: CheckpointSource,
  path: string,
  backend: LoadOptions["backend"],
  vocabulary?: string,
): Promise<Model> {
  const options = { backend };
  return asCheckpoint(path, async () => {
    if (vocabulary === undefined) return load(source, options);
    try {
      return await load(source, { ...options, vocabulary: await readVocabulary(vocabulary) });
    } catch (error) {
      const isInFile = error instanceof OptionError && error.message.includes("a file that has a vocabulary");
      if (!isInFile) throw error;
      throw new UsageError(`--vocabulary: ${shownPath(path)} has a vocabulary of its own: leave the option out`);
    }
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

/**
 * The vocabulary in a file.
 *
 * @throws InputError if it cannot be read or holds none
 */
export async function readVocabulary(path: string): Promise<Vocabulary> {
  const bytes = await readBytes(path, { most: LARGEST_VOCABULARY });
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return vocabularyFrom(parseJson(text, text.length));
  } catch (cause) {
    const why = cause instanceof LstmError ? cause.message : "it is not JSON in UTF-8";
    throw new InputError(`${shownPath(path)} is not a vocabulary (a JSON array of characters): ${why}`, { cause });
  }
}
