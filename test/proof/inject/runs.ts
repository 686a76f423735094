import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLI } from "../../root.js";
import { describe, encode, type Fault, faultsOf, isPassing } from "./faults.js";

// A command of the command line whose every system call is made to fail, one at a time.

/** A command, and how to repair what it leaves behind. */
export interface Command {
  readonly name: string;
  readonly args: readonly string[];
  /** Writes the files that it starts from into a folder. */
  readonly prepare: (folder: string) => void;
  /** The file that it writes. */
  readonly file: string;
  /** The command that a user gives next; it ends with the bytes of an unbroken run. */
  readonly next: (exists: boolean) => readonly string[];
}

/** The same command without a fault. */
export interface Reference {
  readonly command: Command;
  /** Its system calls in the folder: kind and path. */
  readonly calls: readonly (readonly [kind: string, path: string])[];
  /** What the file may hold: undefined for none, what it held before, and each content that it was given. */
  readonly states: readonly (Buffer | undefined)[];
  readonly last: Buffer;
}

/** Runs an action in a new folder with the command's files. */
function inFolder<T>(command: Command, action: (folder: string, beside: string) => T): T {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "lstm-wasm-")));
  try {
    const [folder, beside] = [join(base, "run"), join(base, "beside")];
    mkdirSync(folder);
    mkdirSync(beside);
    command.prepare(folder);
    return action(folder, beside);
  } finally {
    rmSync(base, { recursive: true });
  }
}

const contentOf = (path: string): Buffer | undefined => (existsSync(path) ? readFileSync(path) : undefined);

function run(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  });
}

/** Runs the command without a fault, and records what it does. */
export function observe(library: string, command: Command): Reference {
  return inFolder(command, (folder, beside) => {
    const path = join(folder, command.file);
    const log = join(beside, "log");
    const before = contentOf(path);
    const keep = join(beside, "kept");
    mkdirSync(keep);
    const env = { LD_PRELOAD: library, INJECT_FOLDER: folder, INJECT_LOG: log, INJECT_KEEP: keep };
    const { status, stderr } = run(folder, command.args, env);
    if (status !== 0) throw new Error(`${command.name} ended with ${status}: ${stderr}`);
    const calls = readFileSync(log, "utf8")
      .trimEnd()
      .split("\n")
      .map((line): [string, string] => {
        const space = line.indexOf(" ");
        return [line.slice(0, space), line.slice(space + 1 + folder.length)];
      });
    const states = readdirSync(keep).map((name) => readFileSync(join(keep, name)));
    return { command, calls, states: [before, ...states], last: readFileSync(path) };
  });
}

export const allFaults = ({ calls }: Reference): Fault[] => faultsOf(calls.map(([kind]) => kind));

/** What a run with a fault has come to. */
export interface Verdict {
  readonly code: number | null;
  /** What is wrong; empty if nothing is. */
  readonly wrong: readonly string[];
}

const REASONS: Readonly<Record<Fault["what"], RegExp>> = {
  EIO: /input or output error/,
  ENOSPC: /the disk is full/,
  EMFILE: /too many (open )?files/,
  EINTR: /$^/,
  short: /$^/,
};

/**
 * Calls whose failure has to be reported; that of others may do no harm. Where a path leads is also looked up just to tell whether two
 * are the same file.
 */
const REPORTED = new Set(["open", "read", "write", "fsync", "rename", "close"]);

/** What the next run came to, by the folder that it started from. */
const nextRuns = new Map<string, string | undefined>();

/** Runs the command with a fault, then the command that a user gives next, and compares with the run without a fault. */
export function suffer(library: string, reference: Reference, fault: Fault): Verdict {
  const { command, states, last } = reference;
  return inFolder(command, (folder) => {
    const wrong: string[] = [];
    const path = join(folder, command.file);
    const env = { LD_PRELOAD: library, INJECT_FOLDER: folder, INJECT_FAULT: encode(fault) };
    const { status, stderr } = run(folder, command.args, env);
    const found = contentOf(path);
    const isFinal = found?.equals(last) ?? false;
    if (!states.some((state) => (state === undefined ? found === undefined : found?.equals(state))))
      wrong.push(`${command.file} is neither the old file nor a new one`);
    if (status !== 0 && status !== 1) wrong.push(`it ended with ${status}`);
    if (status === 0 && !isFinal) wrong.push("it ended with 0 without the last file");
    // A lock that cannot be read when it is released stays behind, and the next run takes it over.
    const isLock = pathOf(reference, fault).endsWith(".lock");
    if (status === 0 && !isPassing(fault) && !isLock && REPORTED.has(fault.call)) wrong.push("it did not report it");
    if (isPassing(fault) && status !== 0) wrong.push("it did not overcome it");
    if (status === 1 && !REASONS[fault.what].test(stderr)) wrong.push("no message says why");
    if (/\n\s+at |node:internal/.test(stderr)) wrong.push("the message is a stack trace");
    if (status !== 0 && wrong.length > 0) wrong.push(`it said: ${stderr.trim()}`);
    const left = readdirSync(folder).filter((name) => /writing|lock/.test(name));
    if (left.length > 0 && !isLock && fault.call !== "unlink" && !fault.goesOn)
      wrong.push(`left behind: ${left.join(", ")}`);
    // Most faults leave one of few states, from which the next run is always the same.
    const state = [command.name, found?.toString("base64"), ...left].join();
    // An unfinished file that could not be removed stays, unless it is named in a lock.
    const mayStay = fault.call === "unlink" ? left.filter((name) => name.endsWith(".writing")) : [];
    if (!nextRuns.has(state)) nextRuns.set(state, nextRun(folder, reference, found !== undefined, mayStay));
    const failure = nextRuns.get(state);
    if (failure !== undefined) wrong.push(failure);
    return { code: status, wrong };
  });
}

/** Runs the command that a user gives next; returns what is wrong with it. */
function nextRun(
  folder: string,
  { command, last }: Reference,
  exists: boolean,
  mayStay: readonly string[],
): string | undefined {
  const { status, stderr } = run(folder, command.next(exists));
  if (status !== 0) return `the next run ended with ${status}: ${stderr.trim()}`;
  const left = readdirSync(folder).filter((name) => /writing|lock/.test(name) && !mayStay.includes(name));
  if (left.length > 0) return `the next run left behind: ${left.join(", ")}`;
  return contentOf(join(folder, command.file))?.equals(last)
    ? undefined
    : "the next run wrote other bytes than an unbroken one";
}

/** The path that a fault's call concerns, from the folder on. */
const pathOf = ({ calls }: Reference, { call, nth }: Fault): string =>
  calls.filter(([kind]) => kind === call)[nth - 1]![1];

/** A fault, and what it concerns. */
export function place(reference: Reference, fault: Fault): string {
  const path = pathOf(reference, fault).replace(/\.lstm-wasm-.*\.writing/, "the unfinished file");
  return `${describe(fault)}, on ${path || "the folder"}`;
}
