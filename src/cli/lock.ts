import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, unlinkSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LstmError } from "../common/errors.js";
import { quote } from "../common/show.js";
import { shownPath, type Target, unwritable } from "./paths.js";
import { isUnfinishedName, unfinishedName } from "./write.js";

// One run at a time writes a checkpoint. While it does, a file FILE.lock lies beside FILE and says whose it is. It is made
// with O_EXCL, so of many processes that start together one makes it. A process that was killed leaves its lock behind;
// whoever comes next finds out that it is dead, and takes the lock over. So that of several who do this at once none removes
// the lock that another has just made, they take turns: the right to remove FILE.lock is FILE.lock.lock, in the same way.
//
// Whoever only reads FILE needs no lock, since a new one takes its place whole.

/** The file is another run's. */
export class LockError extends LstmError {
  override readonly name = "LockError";
}

/** What a lock says. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the run took the file, for people. */
  readonly since: string;
  /** Tells the process from a later one with the same number; empty where the system does not tell. */
  readonly start: string;
  /** The one unfinished file that this run makes beside the lock, over and over. */
  readonly unfinished: string;
}

/** What a lock file is known by. Nothing else is ever removed. */
const MARK = "lstm-wasm lock";
/** Bytes of a lock file at most. */
const LARGEST = 4096;
/** How long a lock may be without its content, and one to remove a lock may be held: both take microseconds. */
const PATIENCE = 1000;
const INTERVAL = 20;

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** The locks of this process, by path. */
const held = new Map<string, string>();

/** The right to write a checkpoint. */
export class Lock {
  private constructor(
    readonly target: Target,
    readonly path: string,
    private readonly text: string,
    /** The name of the unfinished file that this run writes first. */
    readonly unfinished: string,
  ) {}

  /**
   * @param force takes the right away from a run that has it
   * @throws LockError where another run has it
   * @throws WriteError where nothing can be written there
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

  /** @throws LockError where another run has taken the right away */
  assert(): void {
    let found = readLock(this.path);
    // Whoever has removed it has not taken it over; somebody may have since then.
    if (found === undefined && !make(this.path, this.text)) found = readLock(this.path);
    if (found === undefined || found.text === this.text) return;
    const by = found.holder ? ` by process ${found.holder.pid} on ${quote(found.holder.host)}` : "";
    throw new LockError(`${shownPath(this.target.path)} was taken over${by}: this run writes it no more`);
  }

  release(): void {
    release(this.path);
  }
}

/** Gives up all that this process holds: at its end, however that comes. */
export function releaseAll(): void {
  for (const path of [...held.keys()]) release(path);
}

/**
 * Makes a lock file, or takes over one that a dead process has left.
 *
 * @param mayTakeOver is asked about a process that lives, or may live: it throws, says yes, or has the lock looked at again
 * @throws LockError, or the system's error
 */
async function take(
  path: string,
  text: string,
  mayTakeOver: (holder: Holder) => boolean | Promise<boolean>,
): Promise<void> {
  for (let waited = 0; !make(path, text); ) {
    const found = readLock(path);
    if (found === undefined) continue;
    const { holder } = found;
    if (found.text === "" && waited < PATIENCE) {
      // It has just been made, or its maker was killed just then.
      await sleep(INTERVAL);
      waited += INTERVAL;
      continue;
    }
    if (found.text !== "" && !holder)
      throw new LockError(`${shownPath(path)} is in the way, and is no lock of this program: move it elsewhere`);
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

/** Does what only one process at a time may do to a lock. */
async function inTurn(path: string, text: string, action: () => void): Promise<void> {
  const turn = `${path}.lock`;
  let waited = 0;
  await take(turn, text, async ({ pid }) => {
    if (waited >= PATIENCE)
      throw new LockError(`${shownPath(turn)} is held by process ${pid}: remove it, and try again`);
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

/** Whether there was no such file, and now there is this one. Nothing can come between: all of it happens at once. */
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
    if (writeSync(file, text) < text.length) throw Object.assign(new Error(), { code: "ENOSPC" });
  } catch (error) {
    held.delete(path);
    remove(path);
    throw error;
  } finally {
    closeSync(file);
  }
  return true;
}

function release(path: string): void {
  const text = held.get(path);
  held.delete(path);
  // What was taken over is another's.
  if (text !== undefined && readLock(path)?.text === text) remove(path);
  if (held.size === 0) process.off("exit", releaseAll);
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {}
}

interface Found {
  /** What stands in it; for what is no file, or cannot be read, something that no lock says. */
  readonly text: string;
  /** Absent where that is no lock. */
  readonly holder?: Holder;
  /** Tells it from a later one that says as little. */
  readonly id: string;
}

/** A lock file, whatever it is; undefined where there is none. */
function readLock(path: string): Found | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const status = fstatSync(file, { bigint: true });
    const id = `${status.dev}:${status.ino}:${status.ctimeNs}`;
    if (!status.isFile() || status.size > LARGEST) return { text: "?", id };
    const bytes = Buffer.alloc(LARGEST);
    const text = bytes.toString("utf8", 0, readSync(file, bytes));
    const holder = parseHolder(text);
    return holder ? { text, id, holder } : { text, id };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : { text: "?", id: "" };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { mark, ...holder } = JSON.parse(text) as { mark: unknown } & Holder;
    const { pid, host, since, start, unfinished } = holder;
    const isSound = Number.isSafeInteger(pid) && [host, since, start, unfinished].every((x) => typeof x === "string");
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

/** Whether a lock's process is not known to be dead. Of another host's, nothing is known. */
function mayLive({ pid, host, start }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be sent a signal, but it is there.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(pid);
  if (start !== "" && now !== undefined) return now === start;
  // This process has just begun, and has no lock yet.
  return pid !== process.pid;
}

/**
 * When a process started, by the system's own count since it was started itself; undefined where /proc does not tell. One
 * that has ended and that nobody has asked for (a zombie) counts as not started.
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
  const where = host === hostname() ? "" : ` on the host ${quote(host)}`;
  const advice = where
    ? "If that one has ended, take over with --force"
    : "Wait for its end, or take over with --force";
  return new LockError(
    `${shownPath(path)} is being written by another run, process ${pid}${where}, since ${quote(since)}. ${advice}`,
  );
}
