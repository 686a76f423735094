import { type ChildProcess, spawn } from "node:child_process";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { getCurrentTest } from "vitest/suite";
import { runCommand } from "../internals/cli.js";

/** The built command line. */
export const MAIN = fileURLToPath(new URL("../../dist/bundle/cli.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process is started. */
export interface Circumstances {
  /** A shell command to run first, in the same process. */
  readonly limit?: string | undefined;
  readonly cwd?: string;
  /** Runs it as another user, which only root can. */
  readonly user?: number;
  /** A command that runs the rest: `unshare`, with which root mounts what only this process sees. */
  readonly under?: string[];
}

/** Skips the current test where a shell, another user or a signal that can be handled is not to be had. */
function needPosix(what: string): void {
  if (process.platform === "win32") getCurrentTest()?.context.skip(`SKIPPED: Windows has no ${what}`);
}

/** The built command line at work, as a process of its own. */
export class Running {
  /** When and how it ends. */
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private readonly output = { stdout: "", stderr: "" };
  private look: () => void = () => {};

  constructor(args: string[], { limit, cwd, user, under = [] }: Circumstances = {}) {
    if (limit !== undefined || user !== undefined || under.length > 0) needPosix("POSIX shell and users");
    const command = [process.execPath, MAIN, ...args];
    const limited = limit ? ["/bin/sh", "-c", `${limit} && exec "$@"`, "sh", ...command] : command;
    const [program, ...rest] = [...under, ...limited];
    this.child = spawn(program!, rest, {
      stdio: ["ignore", "pipe", "pipe"],
      ...(cwd === undefined ? {} : { cwd }),
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
    for (const name of ["stdout", "stderr"] as const)
      this.child[name]!.setEncoding("utf8").on("data", (piece: string) => {
        this.output[name] += piece;
        this.look();
      });
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code) => resolve({ code, ...this.output }));
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  kill(signal?: NodeJS.Signals): void {
    if (signal !== "SIGKILL") needPosix("signals between processes");
    this.child.kill(signal);
  }

  /** Waits until its output matches. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      this.look = () => {
        if (Object.values(this.output).some((text) => pattern.test(text))) resolve();
      };
      this.look();
      this.ended.then(({ code, stderr }) => reject(new Error(`ended with ${code}: ${stderr}`)), reject);
    });
  }
}

/**
 * Runs a command to its end, in this process unless the test is about a process: starting one takes ten times as long as
 * most commands.
 *
 * @param conditions any but `cwd` takes a process of its own, as `ownProcess` does by itself; `signal` is sent, once, as
 *   soon as the output matches `when`
 */
export async function lstmWasm(
  args: string[],
  { signal, when, ownProcess, cwd, limit, user, under = [] }: Circumstances & Stop & { ownProcess?: boolean } = {},
): Promise<Ended> {
  const isAboutProcess = ownProcess || when || limit !== undefined || user !== undefined || under.length > 0;
  if (!isAboutProcess) return inThisProcess(args, cwd ?? process.cwd());
  if (when && signal !== "SIGKILL") needPosix("signals between processes");
  const running = new Running(args, {
    limit,
    under,
    ...(cwd === undefined ? {} : { cwd }),
    ...(user === undefined ? {} : { user }),
  });
  if (when)
    running
      .until(when)
      .then(() => running.kill(signal))
      .catch(() => {});
  return running.ended;
}

interface Stop {
  readonly signal?: NodeJS.Signals;
  readonly when?: RegExp;
}

let isRunning = false;

async function inThisProcess(args: string[], cwd: string): Promise<Ended> {
  if (isRunning) throw new Error("commands in this process run one at a time");
  isRunning = true;
  const [folder, { stdout, stderr }] = [process.cwd(), Object.getOwnPropertyDescriptors(process)];
  const output = { stdout: "", stderr: "" };
  const collector = (name: keyof typeof output) =>
    new Writable({
      decodeStrings: false,
      write: (piece, _, done) => {
        output[name] += piece;
        done();
      },
    });
  Object.defineProperty(process, "stdout", { configurable: true, value: collector("stdout") });
  Object.defineProperty(process, "stderr", { configurable: true, value: collector("stderr") });
  try {
    process.chdir(cwd);
    return { code: await runCommand(args), ...output };
  } finally {
    Object.defineProperties(process, { stdout: stdout!, stderr: stderr! });
    process.chdir(folder);
    isRunning = false;
  }
}

const isRoot = process.getuid?.() === 0;

/** A test that only root can run: another user's rights, a disk of its own. */
export const rootTest = (name: string, body: () => Promise<void>): void =>
  test.skipIf(!isRoot)(isRoot ? name : `${name} (SKIPPED: needs root)`, body);

/** A user without rights, who can run the command line all the same. */
export const NOBODY = 65534;

/** Where a disk is mounted that only this process sees. */
export const ALONE = ["unshare", "--mount"];

/** The JSON objects of a --json run. */
export const events = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
