import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a contestant is started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Where the script is. */
  readonly folder: string;
}

/** A contestant that does not run, or no longer. The message is one line. */
export class ContestantError extends Error {
  override readonly name = "ContestantError";
}

/** Nobody takes a second core: one thread for whatever library computes the products. */
const ONE_THREAD = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** Milliseconds that preparation, or a turn, may take. */
const PATIENCE = 300_000;

/** A process that has set a case up, and runs it for a turn when it is told to: see bench/rivals/serve.mjs. */
export class Contestant {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<void>;
  private errors = "";

  private constructor({ command, args, folder }: Program, more: readonly string[]) {
    const env = { ...process.env, ...ONE_THREAD, PYTHONDONTWRITEBYTECODE: "1" };
    const child = spawn(command, [...args, ...more], { cwd: folder, env, stdio: "pipe" });
    this.child = child;
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      this.errors = (this.errors + piece).slice(-10_000);
    });
    // Writing to a process that has just ended is not an error of its own.
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
   * @returns the version of what would run
   * @throws ContestantError where it does not run here
   */
  static async versionOf(program: Program): Promise<string> {
    const contestant = new Contestant(program, []);
    try {
      return await contestant.word("version");
    } finally {
      await contestant.stop();
    }
  }

  /**
   * Sets a case up and warms up.
   *
   * @param spec the case
   * @param time milliseconds of a turn, at least
   * @throws ContestantError where that fails
   */
  static async prepare(program: Program, spec: object, time: number): Promise<Contestant> {
    const contestant = new Contestant(program, [JSON.stringify(spec), String(time)]);
    try {
      await contestant.word("ready");
      return contestant;
    } catch (error) {
      await contestant.stop();
      throw error;
    }
  }

  /** Runs the case for a turn: tokens per second. */
  async turn(): Promise<number> {
    this.child.stdin.write("\n");
    const rate = Number(await this.word("rate"));
    if (!(rate > 0)) throw new ContestantError(`it reported ${rate} tokens per second`);
    return rate;
  }

  async stop(): Promise<void> {
    this.child.kill();
    await this.ended;
  }

  /** What follows a word at the start of the next line that has it there. Libraries print lines of their own. */
  private async word(wanted: string): Promise<string> {
    const timer = setTimeout(() => {
      this.errors += `\nno answer within ${PATIENCE / 1000} s`;
      this.child.kill();
    }, PATIENCE);
    try {
      for (;;) {
        const { value, done } = await this.lines.next();
        if (done) break;
        const [word, ...rest] = (value as string).split(" ");
        if (word === wanted) return rest.join(" ");
      }
    } finally {
      clearTimeout(timer);
    }
    await this.ended;
    throw new ContestantError(reasonIn(this.errors) ?? `it ended with ${this.child.signalCode ?? this.child.exitCode}`);
  }
}

/** The line that says what went wrong: in Python's traces it is the last, in Node's the first with an error's name. */
function reasonIn(errors: string): string | undefined {
  const lines = errors.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("Node.js v"));
  return (lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1))?.trim();
}
