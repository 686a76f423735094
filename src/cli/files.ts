import { appendFileSync } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError, LstmError } from "../errors.js";

/** A file cannot be written. What was there before is still there. */
export class WriteError extends LstmError {
  override readonly name = "WriteError";
}

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
 * Finds out beforehand whether {@link writeWhole} can write there.
 *
 * @throws WriteError where it cannot
 */
export async function checkWritable(path: string): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
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
