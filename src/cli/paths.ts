import type { BigIntStats } from "node:fs";
import { readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { LstmError } from "../common/errors.js";
import { display } from "../common/show.js";
import { UsageError } from "./flags.js";

/** A file cannot be written. What was there before is still there. */
export class WriteError extends LstmError {
  override readonly name = "WriteError";
}

/** A file that is to be written. */
export interface Target {
  /** As it was given. */
  readonly path: string;
  /** Where that leads, through all links: in a folder that is one, a file that is one or is not there yet. */
  readonly real: string;
}

/** As many links in a row as Linux follows. */
const MOST_LINKS = 40;

/** UTF-16 units of a path in a message. */
const SHOWN = 300;

/** A path in a message or a report. */
export const shownPath = (path: string): string => display(path, SHOWN);

/**
 * Follows a path to the file that would be written, so that what is looked at now is what is written later.
 *
 * @throws WriteError where there is no folder for it, or something else than a file is there
 */
export async function targetOf(path: string): Promise<Target> {
  try {
    const real = await followed(path);
    const existing = await statusOf(real);
    if (existing?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    if (existing && !existing.isFile()) throw new Error(NO_FILE);
    return { path, real };
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Like `realpath`, also where the last part, or what it links to, is not there yet. */
export async function followed(path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const real = await realpath(at).catch(unlessMissing);
    if (real !== undefined) return real;
    if (/[\\/]$/.test(at)) throw Object.assign(new Error(), { code: "EISDIR" });
    // The folder first: what `..` in a link means depends on where the folder really is.
    const folder = await realpath(dirname(at));
    const link = await readlink(join(folder, basename(at))).catch(() => undefined);
    if (link === undefined) return join(folder, basename(at));
    at = isAbsolute(link) ? link : `${folder}${sep}${link}`;
  }
  throw Object.assign(new Error(), { code: "ELOOP" });
}

/** What is there; undefined for nothing. */
const statusOf = (path: string): Promise<BigIntStats | undefined> => stat(path, { bigint: true }).catch(unlessMissing);

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/**
 * Makes sure that no file would be written over another that the same command reads or writes, whatever they are called.
 *
 * @param paths by the flags that name them
 * @throws UsageError where two are the same file
 */
export async function refuseSameFiles(paths: Readonly<Record<string, string | undefined>>): Promise<void> {
  const flags = new Map<string, string>();
  for (const [flag, path] of Object.entries(paths)) {
    if (path === undefined) continue;
    const file = await identityOf(path);
    if (file === undefined) continue;
    const other = flags.get(file);
    if (other !== undefined) throw new UsageError(`--${other} and --${flag} are the same file, ${shownPath(path)}`);
    flags.set(file, flag);
  }
}

/** What two names of one file have in common; undefined for a device, a pipe, or where nothing can be. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const real = await followed(path);
    const file = await statusOf(real);
    if (file) return file.isFile() ? `${file.dev}:${file.ino}` : undefined;
    const folder = await stat(dirname(real), { bigint: true });
    return `${folder.dev}:${folder.ino}/${basename(real)}`;
  } catch {
    return undefined;
  }
}

/** Whether a file, after all links, lies in the current folder or deeper. */
export async function isBelowHere(path: string): Promise<boolean> {
  const [file, here] = await Promise.all([realpath(path), realpath(".")]);
  const way = relative(here, file);
  return way !== "" && way.split(sep)[0] !== ".." && !isAbsolute(way);
}

/** Why nothing can be written there. */
export const unwritable = (path: string, error: unknown): WriteError =>
  new WriteError(`${shownPath(path)} cannot be written: ${reason(error)}`, { cause: error });

/** What is said of a folder, a device or a pipe in a file's place. */
export const NO_FILE = "it is no ordinary file";

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "part of the path is no folder",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "the name is too long",
  ERR_INVALID_ARG_VALUE: "no file can have that name",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would exceed the limit on file sizes",
};

/** The system's error in words. */
export function reason(error: unknown): string {
  const { code = "" } = error as { code?: string };
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
