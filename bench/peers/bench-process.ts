import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How an implementation is started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Where the script is. */
  readonly folder: string;
  /** How many threads compute, in libraries that have several. */
  readonly threads: number;
}

/** The process did not start, or ended early. The message is one line. */
export class BenchProcessError extends Error {
  override readonly name = "BenchProcessError";
}

/** What tells each library that computes matrix products its number of threads. */
const THREAD_COUNTS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

/** Milliseconds to wait for an answer. */
const TIMEOUT = 300_000;

/** A process that sets a case up once and runs one sample per request; for its side see bench/competitors/serve.mjs. */
export class BenchProcess {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<void>;
  private errors = "";

  private constructor({ command, args, folder, threads }: Program, more: readonly string[]) {
    const counts = Object.fromEntries(THREAD_COUNTS.map((name) => [name, String(threads)]));
    const env = { ...process.env, ...counts, PYTHONDONTWRITEBYTECODE: "1" };
    const child = spawn(command, [...args, ...more], { cwd: folder, env, stdio: "pipe" });
    this.child = child;
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      this.errors = (this.errors + chunk).slice(-10_000);
    });
    // The missing answer says that the process has ended; a failed write need not say it again.
    child.stdin.on("error", () => {});
    this.ended = new Promise((resolve) => {
      child.on("close", () => resolve());
      child.on("error", (error) => {
        this.errors += error.message;
        resolve();
      });
    });
  }

  /**
   * @returns the version of the library that would run
   * @throws BenchProcessError where it does not run here
   */
  static async versionOf(program: Program): Promise<string> {
    const started = new BenchProcess(program, []);
    try {
      return await started.answer("version");
    } finally {
      await started.stop();
    }
  }

  /**
   * Sets a case up and warms up.
   *
   * @param spec the case
   * @param time milliseconds per sample, at least
   * @throws BenchProcessError where that fails
   */
  static async prepare(program: Program, spec: object, time: number): Promise<BenchProcess> {
    const started = new BenchProcess(program, [JSON.stringify(spec), String(time)]);
    try {
      await started.answer("ready");
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /** Runs one sample: tokens per second. */
  async sample(): Promise<number> {
    this.child.stdin.write("\n");
    const rate = Number(await this.answer("rate"));
    if (!(rate > 0)) throw new BenchProcessError(`it reported ${rate} tokens per second`);
    return rate;
  }

  async stop(): Promise<void> {
    this.child.kill();
    await this.ended;
  }

  /** The rest of the next line that starts with a keyword. Libraries print lines of their own in between. */
  private async answer(keyword: string): Promise<string> {
    const timer = setTimeout(() => {
      this.errors += `\nno answer within ${TIMEOUT / 1000} s`;
      this.child.kill();
    }, TIMEOUT);
    try {
      for (;;) {
        const { value, done } = await this.lines.next();
        if (done) break;
        const [word, ...rest] = (value as string).split(" ");
        if (word === keyword) return rest.join(" ");
      }
    } finally {
      clearTimeout(timer);
    }
    await this.ended;
    throw new BenchProcessError(
      reasonIn(this.errors) ?? `it ended with ${this.child.signalCode ?? this.child.exitCode}`,
    );
  }
}

/** The line that says what went wrong: the last of a Python traceback, the first with an error's name from Node. */
function reasonIn(errors: string): string | undefined {
  const lines = errors.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("Node.js v"));
  return (lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1))?.trim();
}
