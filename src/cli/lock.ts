import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, unlinkSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LstmError } from "../common/errors.js";
import { quote } from "../common/show.js";
import { shownPath, type Target, unwritable } from "./paths.js";
import { onceFree } from "./replace.js";
import { isUnfinishedName, unfinishedName } from "./write.js";

// Only one run at a time writes a checkpoint. It holds a lock file, FILE.lock beside FILE, which names its process.
// O_EXCL ensures that only one of several processes creates it. A killed process leaves its lock behind; the next one
// detects that the owner is dead and takes the lock over. Processes take turns at this, so that none removes a lock
// that another has just created: FILE.lock may only be removed while holding FILE.lock.lock, a lock of the same kind.
//
// Reading FILE needs no lock, because it is replaced atomically.

/** Another run is writing the file. */
export class LockError extends LstmError {
  override readonly name = "LockError";
}

/** The contents of a lock file. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the run took the lock, for display. */
  readonly since: string;
  /** Distinguishes the process from a later one with the same pid; empty if the system does not say. */
  readonly start: string;
  /** The name of the unfinished file that this run writes beside the lock. */
  readonly unfinished: string;
}

/** Identifies a lock file. No other file is ever removed. */
const MARK = "lstm-wasm lock";
/** Most bytes of a lock file. */
const LARGEST = 4096;
/**
 * How long a lock may be empty, and how long the lock for removal may be held, in milliseconds: both take microseconds.
 */
const PATIENCE = 1000;
const INTERVAL = 20;

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** The locks of this process, by path. */
const held = new Map<string, string>();

/** The exclusive right to write a checkpoint. */
export class Lock {
  private constructor(
    readonly target: Target,
    readonly path: string,
    private readonly text: string,
    /** The name of the unfinished file that this run writes. */
    readonly unfinished: string,
  ) {}

  /**
   * @param force takes the lock over from a run that holds it
   * @throws LockError if another run holds it
   * @throws WriteError if the lock file cannot be written
   */
  static async take(target: Target, force = false): Promise<Lock> {
    const path = `${target.real}.lock`;
    const unfinished = unfinishedName();
    const text = describeSelf(unfinished);
    try {
      await take(path, text, (holder) => {
        if (force) return true;
        throw inUse(target, holder);
      });
    } catch (error) {
      throw error instanceof LstmError ? error : unwritable(target.path, error);
    }
    return new Lock(target, path, text, unfinished);
  }

  /** @throws LockError if another run has taken the lock over */
  assert(): void {
    let found = readLock(this.path);
    // A removed lock has not been taken over, unless another process created one since.
    if (found === undefined && !make(this.path, this.text)) found = readLock(this.path);
    if (found === undefined || found.text === this.text) return;
    const by = found.holder ? ` by process ${found.holder.pid} on ${quote(found.holder.host)}` : "";
    throw new LockError(`${shownPath(this.target.path)} was taken over${by}: this run no longer writes it`);
  }

  release(): void {
    release(this.path);
  }
}

/** Releases all locks of this process, when it ends for any reason. */
export function releaseAll(): void {
  for (const path of [...held.keys()]) release(path);
}

/**
 * Creates a lock file, or takes over that of a dead process.
 *
 * @param mayTakeOver called if the owner is, or may be, alive: throws, returns true to take over, or false to check
 *   again
 * @throws LockError, or the system's error
 */
async function take(
  path: string,
  text: string,
  mayTakeOver: (holder: Holder) => boolean | Promise<boolean>,
): Promise<void> {
  // Windows refuses to create a file while one of that name is being removed, and to open that.
  for (let waited = 0; !(await onceFree(() => make(path, text))); ) {
    const found = readLock(path);
    if (found === undefined) continue;
    const { holder } = found;
    const isVanishing = process.platform === "win32" && found.id === "";
    if ((found.text === "" || isVanishing) && waited < PATIENCE) {
      // It was created just now, or its process was killed in between.
      await sleep(INTERVAL);
      waited += INTERVAL;
      continue;
    }
    if (found.text !== "" && !holder)
      throw new LockError(`${shownPath(path)} exists but is not a lock file of lstm-wasm: move it out of the way`);
    const isDead = holder === undefined || !mayLive(holder);
    if (!isDead && !(await mayTakeOver(holder))) continue;
    await inTurn(path, text, () => {
      const { text, id } = readLock(path) ?? {};
      if (text !== found.text || id !== found.id) return;
      if (isDead && holder && isUnfinishedName(holder.unfinished)) remove(join(dirname(path), holder.unfinished));
      unlinkSync(path);
    });
  }
}

/** Runs an action that only one process at a time may perform on a lock. */
async function inTurn(path: string, text: string, action: () => void): Promise<void> {
  const turn = `${path}.lock`;
  let waited = 0;
  await take(turn, text, async ({ pid }) => {
    if (waited >= PATIENCE)
      throw new LockError(`${shownPath(turn)} is held by process ${pid}: remove it and try again`);
    await sleep(INTERVAL);
    waited += INTERVAL;
    return false;
  });
  try {
    action();
  } finally {
    release(turn);
  }
}

/** Creates a file if there is none, atomically. Returns whether it did. */
function make(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  if (held.size === 0) process.on("exit", releaseAll);
  held.set(path, text);
  try {
    try {
      if (writeSync(file, text) < text.length) throw Object.assign(new Error(), { code: "ENOSPC" });
    } finally {
      closeSync(file);
    }
  } catch (error) {
    held.delete(path);
    remove(path);
    throw error;
  }
  return true;
}

function release(path: string): void {
  const text = held.get(path);
  held.delete(path);
  // A lock that was taken over belongs to another process.
  if (text !== undefined && isStill(path, text)) remove(path);
  if (held.size === 0) process.off("exit", releaseAll);
}

/** Whether a lock is known to have this text. */
function isStill(path: string, text: string): boolean {
  try {
    return readLock(path)?.text === text;
  } catch {
    return false;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {}
}

interface Found {
  /** Its text; for an unreadable file, a text that is not that of a lock. */
  readonly text: string;
  /** Absent if it is not a lock file. */
  readonly holder?: Holder;
  /** Distinguishes it from a later file with the same text. */
  readonly id: string;
}

/** What is said of something in a lock's place that is not ours to read: a link, another user's file. */
const NOT_OURS = new Set(["ELOOP", "EMLINK", "EACCES", "EPERM", "ENXIO"]);

/**
 * The file in a lock's place; undefined if there is none.
 *
 * @throws the system's error if the disk, or the process, is at fault
 */
function readLock(path: string): Found | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const status = fstatSync(file, { bigint: true });
    const id = `${status.dev}:${status.ino}:${status.ctimeNs}`;
    if (!status.isFile() || status.size > LARGEST) return { text: "?", id };
    const bytes = Buffer.alloc(LARGEST);
    const text = bytes.toString("utf8", 0, readAll(file, bytes));
    const holder = parseHolder(text);
    return holder ? { text, id, holder } : { text, id };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (NOT_OURS.has(code)) return { text: "?", id: "" };
    throw error;
  } finally {
    if (file !== undefined) closeRead(file);
  }
}

/** Reads up to the end of a file, or of the bytes; returns how many were read. */
function readAll(file: number, bytes: Uint8Array): number {
  let length = 0;
  while (length < bytes.length)
    try {
      const read = readSync(file, bytes, length, bytes.length - length, null);
      if (read === 0) break;
      length += read;
    } catch (error) {
      // libuv repeats every interrupted call but this.
      if ((error as NodeJS.ErrnoException).code !== "EINTR") throw error;
    }
  return length;
}

/** Closes a file of which nothing can be lost any more. */
function closeRead(file: number): void {
  try {
    closeSync(file);
  } catch {}
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { mark, ...holder } = JSON.parse(text) as { mark: unknown } & Holder;
    const { pid, host, since, start, unfinished } = holder;
    // To the system, 0 and negative numbers are groups of processes, which always live.
    const isSound =
      Number.isSafeInteger(pid) && pid > 0 && [host, since, start, unfinished].every((x) => typeof x === "string");
    return mark === MARK && isSound ? holder : undefined;
  } catch {
    return undefined;
  }
}

function describeSelf(unfinished: string): string {
  const { pid } = process;
  const since = new Date().toISOString();
  return `${JSON.stringify({ mark: MARK, pid, host: hostname(), since, start: startOf(pid) ?? "", unfinished })}\n`;
}

/** Whether the owner of a lock may be alive. On another host, it always may. */
function mayLive({ pid, host, start }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  if (start !== "" && now !== undefined) return now === start;
  // A lock with this process's pid comes from an earlier process.
  return pid !== process.pid;
}

/**
 * When a process started, in the system's ticks since boot; undefined if /proc does not say. A zombie counts as not
 * started.
 */
function startOf(pid: number): string | undefined {
  try {
    // The name, in brackets, may hold brackets and spaces. After it come the state and, as the 20th, the start: proc(5).
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return /[ZX]/.test(fields[0]!) ? "" : `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

function inUse({ path }: Target, { pid, host, since }: Holder): LockError {
  const where = host === hostname() ? "" : ` on host ${quote(host)}`;
  const advice = where
    ? "If that run has ended, take over with --force"
    : "Wait for it to end, or take over with --force";
  return new LockError(
    `${shownPath(path)} is being written by another run, process ${pid}${where}, since ${quote(since)}. ${advice}`,
  );
}
