import { appendFileSync } from "node:fs";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { load } from "../checkpoint/checkpoint.js";
import { CheckpointError } from "../checkpoint/checkpoint-error.js";
import { InputError, LstmError } from "../common/errors.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { vocabularyFrom } from "../data/vocabulary-from.js";
import type { Backend } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import { UsageError } from "./flags.js";

/** A file cannot be written. What was there before is still there. */
export class WriteError extends LstmError {
  override readonly name = "WriteError";
}

/** A string has at most 2²⁹ − 24 characters in V8. */
const LONGEST_TEXT = 2 ** 29 - 24;

/** @throws InputError where the file cannot be read */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${reason(error)}`, { cause: error });
  }
}

/**
 * A file's text. A byte-order mark at its start is left out.
 *
 * @throws InputError where the file cannot be read, is not UTF-8, or is empty
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  if (bytes.length > LONGEST_TEXT)
    throw new InputError(
      `${path} has ${bytes.length} bytes; more than ${LONGEST_TEXT} do not fit into one text: cut it`,
    );
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`${path} is not UTF-8 (byte ${firstBadByte(bytes)}): convert it first`, { cause });
  }
  if (text === "") throw new InputError(`${path} is empty: a text is needed`);
  return text;
}

/**
 * Writes a file so that, whatever happens, either the old or the new one is there, whole: into another file in the same
 * folder, which is flushed to the disk and then takes the name.
 *
 * @throws WriteError where that fails, for example because the disk is full; the other file is then removed
 */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  // What a link points to is replaced, not the link.
  path = await realpath(path).catch(() => path);
  const temporary = temporaryFor(path);
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new WriteError(`${path} cannot be written: ${reason(error)}`, { cause: error });
  }
}

/**
 * Makes sure that no file would be written over another that the same command reads or writes.
 *
 * @param paths by the flags that name them
 * @throws UsageError where two are the same file
 */
export async function refuseSameFiles(paths: Readonly<Record<string, string | undefined>>): Promise<void> {
  const flags = new Map<string, string>();
  for (const [flag, path] of Object.entries(paths)) {
    if (path === undefined) continue;
    const real = await realpath(path).catch(() => resolve(path));
    const other = flags.get(real);
    if (other !== undefined) throw new UsageError(`--${other} and --${flag} are the same file, ${path}`);
    flags.set(real, flag);
  }
}

/**
 * Finds out beforehand whether {@link writeWhole} can write there.
 *
 * @throws WriteError where it cannot
 */
export async function checkWritable(path: string): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    const existing = await stat(path).catch(() => undefined);
    if (existing?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    if (existing && !existing.isFile()) throw new Error("it is no ordinary file");
    await (await open(temporary, "w")).close();
    await rm(temporary);
  } catch (error) {
    throw new WriteError(`${path} cannot be written: ${reason(error)}`, { cause: error });
  }
}

const temporaryFor = (path: string): string => `${path}.writing`;

/** @throws WriteError where the line cannot be appended */
export function appendLine(path: string, line: string): void {
  try {
    appendFileSync(path, `${line}\n`);
  } catch (error) {
    throw new WriteError(`${path} cannot be written: ${reason(error)}`, { cause: error });
  }
}

/** Makes a rename last. Not every system lets a folder be opened for that; those need not. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {}
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

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "part of the path is no folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would exceed the limit on file sizes",
};

function reason(error: unknown): string {
  const { code = "" } = error as { code?: string };
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
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
  const bytes = await readBytes(path);
  const options = { backend };
  try {
    if (vocabulary === undefined) return await load(bytes, options);
    return await load(bytes, { ...options, vocabulary: await readVocabulary(vocabulary) });
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    const advice = error.where.endsWith("vocabulary") ? " (--vocabulary FILE gives one)" : "";
    throw new InputError(`${path} is no checkpoint that can be used: ${error.message}${advice}`, { cause: error });
  }
}

async function readVocabulary(path: string): Promise<Vocabulary> {
  const text = await readText(path);
  try {
    return vocabularyFrom(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof LstmError ? cause.message : "it is not JSON";
    throw new InputError(`${path} holds no vocabulary, a JSON array of characters: ${why}`, { cause });
  }
}
