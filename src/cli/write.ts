import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, ftruncateSync, openSync, type Stats, writeSync } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LstmError } from "../common/errors.js";
import { readBytes } from "./files.js";
import { NO_FILE, type Target, targetOf, unwritable } from "./paths.js";

/** No link is followed, and nothing that is there already is opened. Windows has no links to follow here. */
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** How {@link writeWhole} may be told to write. */
export interface Writing {
  /** The name of the unfinished file. Default: one of its own. */
  readonly unfinished?: string;
  /** Looks at what has been read again from the disk, and throws where that shall not take the file's place. */
  readonly verify?: (written: Uint8Array) => void;
  /** Comes right before the old file goes, and throws to keep it. */
  readonly lastly?: () => void;
}

/** A name for an unfinished file that nobody else has. */
export const unfinishedName = (): string => `.lstm-wasm-${process.pid}-${randomBytes(6).toString("hex")}.writing`;

/** Whether a name can have been made so. */
export const isUnfinishedName = (name: string): boolean => /^\.lstm-wasm-\d+-[0-9a-f]{12}\.writing$/.test(name);

/**
 * Writes a file so that, whatever happens, either the old or the new one is there, whole: into another file in the same
 * folder, which is flushed to the disk and then takes the name, and the old one's owner and mode.
 *
 * @throws WriteError where that fails, for example because the disk is full; the other file is then removed
 */
export async function writeWhole(
  to: Target | string,
  content: Uint8Array | string,
  { unfinished = unfinishedName(), verify, lastly }: Writing = {},
): Promise<void> {
  const { path, real } = typeof to === "string" ? await targetOf(to) : to;
  const temporary = join(dirname(real), unfinished);
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  let isOurs = false;
  try {
    const before = await stat(real).catch(() => undefined);
    // What only its owner may read is not shown to others while it is written, either.
    const file = await open(temporary, NEW, before ? 0o600 : 0o666);
    isOurs = true;
    try {
      await file.writeFile(bytes);
      if (before) await takeAfter(file, before);
      await file.sync();
    } finally {
      await file.close();
    }
    if (verify) {
      const written = await readBytes(temporary);
      if (Buffer.compare(written, bytes) !== 0) throw new Error("the disk gives back something else than was written");
      verify(written);
    }
    lastly?.();
    await rename(temporary, real);
    await syncFolder(dirname(real));
  } catch (error) {
    if (isOurs) await rm(temporary, { force: true }).catch(() => {});
    throw error instanceof LstmError ? error : unwritable(path, error);
  }
}

/**
 * Finds out beforehand whether {@link writeWhole} can write there.
 *
 * @throws WriteError where it cannot
 */
export async function checkWritable(to: Target | string): Promise<void> {
  const { path, real } = typeof to === "string" ? await targetOf(to) : to;
  const temporary = join(dirname(real), unfinishedName());
  try {
    await (await open(temporary, NEW)).close();
    await rm(temporary);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Gives a new file the owner and the mode of the one that it replaces, as far as this user may. */
async function takeAfter(file: FileHandle, { uid, gid, mode }: Stats): Promise<void> {
  await file.chown(uid, gid).catch(() => file.chown(-1, gid).catch(() => {}));
  await file.chmod(mode & 0o777).catch(() => {});
}

/** Makes a rename last. Not every system lets a folder be opened for that; those need not. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {}
}

/** A file that lines are added to. It stays open, so it is the same one to the end. */
export class LineFile {
  private readonly descriptor: number;

  /** @throws WriteError where it cannot be opened, or is neither a file nor a device */
  constructor(private readonly path: string) {
    try {
      // Without waiting for somebody to read a pipe.
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

  /** @throws WriteError where the line cannot be added; none of it is then there, if that can be helped */
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

  close(): void {
    closeSync(this.descriptor);
  }

  private takeBack(written: number): void {
    try {
      const status = fstatSync(this.descriptor);
      if (written > 0 && status.isFile()) ftruncateSync(this.descriptor, status.size - written);
    } catch {}
  }
}
