import type { BigIntStats } from "node:fs";
import { readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { LstmError } from "../common/errors.js";
import { display } from "../common/show.js";
import { UsageError } from "./flags.js";

/** A file cannot be written. An existing file is left unchanged. */
export class WriteError extends LstmError {
  override readonly name = "WriteError";
}

/** A file to write. */
export interface Target {
  /** The path as given. */
  readonly path: string;
  /** The path with all links resolved: a regular file, or a new one in an existing folder. */
  readonly real: string;
}

/** As many chained links as Linux follows. */
const MOST_LINKS = 40;

/** Longest path in a message, in UTF-16 units. */
const SHOWN = 300;

/** A path in a message or a report. */
export const shownPath = (path: string): string => display(path, SHOWN);

/**
 * Resolves a path to the file that would be written, so that the file checked now is the one written later.
 *
 * @throws WriteError if its folder does not exist, or the path is not a regular file
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

/** Like `realpath`, but the last part, or its link target, need not exist. */
export async function followed(path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const real = await realpath(at).catch(unlessMissing);
    if (real !== undefined) return real;
    if (/[\\/]$/.test(at)) throw Object.assign(new Error(), { code: "EISDIR" });
    // The folder first: what `..` in a link means depends on where the folder really is.
    const folder = await realpath(dirname(at));
    const link = await readlink(join(folder, basename(at))).catch(unlessNoLink);
    if (link === undefined) return join(folder, basename(at));
    at = isAbsolute(link) ? link : `${folder}${sep}${link}`;
  }
  throw Object.assign(new Error(), { code: "ELOOP" });
}

/** The status of a path; undefined if it does not exist. */
const statusOf = (path: string): Promise<BigIntStats | undefined> => stat(path, { bigint: true }).catch(unlessMissing);

/** For a promise about a file: undefined if there is none. */
export function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** What systems say of a path that is no link, or that nothing has. */
const NO_LINK = new Set(["ENOENT", "EINVAL", "UNKNOWN"]);

/** For a promise about a link: undefined if there is none. Of another error, it may be one, which must not be replaced. */
function unlessNoLink(error: NodeJS.ErrnoException): undefined {
  if (!NO_LINK.has(error.code ?? "")) throw error;
}

/**
 * Checks that no file to write is another file that the same command reads or writes, even under another name.
 *
 * @param paths by flag; a key that begins with "the ", or in capitals, is no flag
 * @throws UsageError if two are the same file
 */
export async function refuseSameFiles(paths: Readonly<Record<string, string | undefined>>): Promise<void> {
  const flags = new Map<string, string>();
  for (const [flag, path] of Object.entries(paths)) {
    if (path === undefined) continue;
    const file = await identityOf(path);
    if (file === undefined) continue;
    const other = flags.get(file);
    if (other !== undefined)
      throw new UsageError(`${nameOf(other)} and ${nameOf(flag)} are the same file, ${shownPath(path)}`);
    flags.set(file, flag);
  }
}

const nameOf = (flag: string): string => (/^the |^[A-Z]+$/.test(flag) ? flag : `--${flag}`);

/**
 * Checks that no file to replace is the one that this process's output goes to: what is printed would be lost.
 *
 * @throws as {@link refuseSameFiles}
 */
export async function refuseOutputFiles(paths: Readonly<Record<string, string | undefined>>): Promise<void> {
  // Each by itself: they may well be the same.
  await refuseSameFiles({ "the standard output": "/dev/stdout", ...paths });
  await refuseSameFiles({ "the standard error output": "/dev/stderr", ...paths });
}

/** Identifies a file regardless of its name; undefined for a device, a pipe or an impossible path. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const real = await followed(path);
    const file = await statusOf(real);
    if (file) return file.isFile() ? `${file.dev}:${file.ino}` : undefined;
    const folder = await stat(dirname(real), { bigint: true });
    return `${folder.dev}:${folder.ino}/${sameName(basename(real))}`;
  } catch {
    return undefined;
  }
}

/** A new file's name as its folder compares it: Windows and macOS usually take `a` and `A` for one. */
export function sameName(name: string, platform: NodeJS.Platform = process.platform): string {
  return platform === "win32" || platform === "darwin" ? name.normalize("NFC").toLowerCase() : name;
}

/** Whether a file, with links resolved, is in the current folder or below it. */
export async function isBelowHere(path: string): Promise<boolean> {
  const [file, here] = await Promise.all([realpath(path), realpath(".")]);
  const way = relative(here, file);
  return way !== "" && way.split(sep)[0] !== ".." && !isAbsolute(way);
}

/** The error for a path that cannot be written. */
export const unwritable = (path: string, error: unknown): WriteError =>
  new WriteError(`${shownPath(path)} cannot be written: ${reason(error)}`, { cause: error });

/** The reason given for a folder, a device or a pipe in place of a file. */
export const NO_FILE = "it is not a regular file";

const REASONS: Record<string, string> = {
  ENOENT: "no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "part of the path is not a folder",
  ELOOP: "its links form a loop",
  ENAMETOOLONG: "its name is too long",
  ERR_INVALID_ARG_VALUE: "invalid file name",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EBUSY: "another program has it open",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is exceeded",
  // Of a pipe that nobody reads.
  ENXIO: NO_FILE,
  EIO: "the disk reports an input or output error",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EFBIG: "it would exceed the file size limit",
};

/** What Windows means by these, where it tells no more. */
const ON_WINDOWS: Record<string, string> = {
  EACCES: "permission denied, or another program has it open",
  EPERM: "permission denied, or another program has it open",
};

/** A system error in words. */
export function reason(error: unknown, platform: NodeJS.Platform = process.platform): string {
  const { code = "" } = error as { code?: string };
  return (
    (platform === "win32" ? ON_WINDOWS[code] : undefined) ??
    REASONS[code] ??
    (error instanceof Error ? error.message : String(error))
  );
}
