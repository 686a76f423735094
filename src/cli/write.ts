import { createHash, randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, ftruncateSync, openSync, type Stats, writeSync } from "node:fs";
import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ByteSource } from "../checkpoint/safetensors/bytes.js";
import { LstmError } from "../common/errors.js";
import { withSource } from "./files.js";
import { NO_FILE, reason, shownPath, type Target, targetOf, unlessMissing, unwritable, WriteError } from "./paths.js";
import { replaceFile } from "./replace.js";

/** Follows no link and opens no existing file. Windows has no O_NOFOLLOW. */
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** Bytes written, or read back, at a time. */
const PIECE = 2 ** 22;

/** Options of {@link writeWhole}. */
export interface Writing {
  /** The name of the unfinished file. Default: a new name. */
  readonly unfinished?: string;
  /** Receives what was written, and throws to keep the old file. */
  readonly verify?: (written: ByteSource) => Promise<void>;
  /** Called right before the old file is replaced; throws to keep it. */
  readonly lastly?: () => void;
}

/** A unique name for an unfinished file. */
export const unfinishedName = (): string => `.lstm-wasm-${process.pid}-${randomBytes(6).toString("hex")}.writing`;

/** Whether a name is that of an unfinished file. */
export const isUnfinishedName = (name: string): boolean => /^\.lstm-wasm-\d+-[0-9a-f]{12}\.writing$/.test(name);

/**
 * Writes a file atomically: the data go to another file in the same folder, which is flushed to disk and then renamed,
 * with the owner and mode of the old file. Whatever happens, either the old or the new file is there, complete.
 *
 * @param content a text, or bytes in pieces
 * @throws WriteError if that fails, for example because the disk is full; the unfinished file is removed. If only the
 *   folder could not be flushed, the new file is there
 */
export async function writeWhole(
  to: Target | string,
  content: string | Uint8Array | Iterable<Uint8Array>,
  { unfinished = unfinishedName(), verify, lastly }: Writing = {},
): Promise<void> {
  const { path, real } = typeof to === "string" ? await targetOf(to) : to;
  const temporary = join(dirname(real), unfinished);
  const digest = new Digest();
  let size = 0;
  let isOurs = false;
  try {
    const before = await stat(real).catch(unlessMissing);
    // A file that only its owner may read stays private while it is written, too.
    const file = await open(temporary, NEW, before ? 0o600 : 0o666);
    isOurs = true;
    try {
      for (const piece of piecesOf(content)) {
        await writeAll(file, piece);
        digest.update(piece);
        size += piece.length;
      }
      if (before) await takeAfter(file, before);
      await file.sync();
    } finally {
      await file.close();
    }
    if (verify)
      await withSource(temporary, async (written) => {
        if (written.size !== size || (await digestOf(written)) !== digest.end())
          throw unwritable(path, new Error("the data read back from disk differ from those written"));
        await verify(written);
      });
    lastly?.();
    await replaceFile(temporary, real);
    await syncFolder(dirname(real), path);
  } catch (error) {
    if (isOurs) await rm(temporary, { force: true }).catch(() => {});
    throw error instanceof LstmError ? error : unwritable(path, error);
  }
}

function piecesOf(content: string | Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (typeof content === "string") return [Buffer.from(content)];
  return content instanceof Uint8Array ? [content] : content;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(PIECE, bytes.length - at));
    at += bytesWritten;
  }
}

/** Length and hash of what was written, to compare with what is read back. */
class Digest {
  private readonly hash = createHash("sha256");

  update(bytes: Uint8Array): void {
    // A hash takes at most 2³¹ − 1 bytes at once.
    for (let at = 0; at < bytes.length; at += PIECE) this.hash.update(bytes.subarray(at, at + PIECE));
  }

  end(): string {
    return this.hash.digest("hex");
  }
}

async function digestOf({ size, read }: ByteSource): Promise<string> {
  const digest = new Digest();
  for (let at = 0; at < size; at += PIECE) digest.update(await read(at, Math.min(PIECE, size - at)));
  return digest.end();
}

/**
 * Checks in advance that {@link writeWhole} can write there.
 *
 * @throws WriteError if it cannot
 */
export async function checkWritable(to: Target | string): Promise<void> {
  const { path, real } = typeof to === "string" ? await targetOf(to) : to;
  const temporary = join(dirname(real), unfinishedName());
  try {
    const file = await open(temporary, NEW);
    await file.close().finally(() => rm(temporary));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Gives a new file the owner and mode of the one it replaces, as far as permitted. */
async function takeAfter(file: FileHandle, { uid, gid, mode }: Stats): Promise<void> {
  await file.chown(uid, gid).catch(() => file.chown(-1, gid).catch(() => {}));
  await file.chmod(mode & 0o777).catch(() => {});
}

/** What systems say that cannot open or flush a folder, and need not. */
const CANNOT_SYNC = new Set(["EISDIR", "EACCES", "EPERM", "EINVAL", "EBADF", "ENOTSUP", "ENOSYS"]);

/**
 * Flushes a rename to disk.
 *
 * @param path of the renamed file, as given
 */
async function syncFolder(folder: string, path: string): Promise<void> {
  try {
    const file = await open(folder, "r");
    await file.sync().finally(() => file.close());
  } catch (cause) {
    if (CANNOT_SYNC.has((cause as NodeJS.ErrnoException).code ?? "")) return;
    const why = `its folder cannot be flushed: ${reason(cause)}`;
    throw new WriteError(`${shownPath(path)} is new, but may be lost if the power fails: ${why}`, { cause });
  }
}

/** A file that lines are appended to. It stays open, so it remains the same file. */
export class LineFile {
  private readonly descriptor: number;

  /** @throws WriteError if it cannot be opened, or is neither a file nor a device */
  constructor(private readonly path: string) {
    try {
      // O_NONBLOCK does not wait for a pipe's reader.
      const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK = 0 } = constants;
      this.descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o666);
      const status = fstatSync(this.descriptor);
      if (!status.isFile() && !status.isCharacterDevice()) {
        closeSync(this.descriptor);
        throw new Error(NO_FILE);
      }
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** @throws WriteError if the line cannot be appended; a partial line is removed if possible */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.descriptor, bytes, written);
    } catch (error) {
      this.takeBack(written);
      throw unwritable(this.path, error);
    }
  }

  /** @throws WriteError if the last lines did not reach the file: a network's disk may say so only now */
  close(): void {
    try {
      closeSync(this.descriptor);
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  private takeBack(written: number): void {
    try {
      const status = fstatSync(this.descriptor);
      if (written > 0 && status.isFile()) ftruncateSync(this.descriptor, status.size - written);
    } catch {}
  }
}
