import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { presets } from "#lstm/presets.js";
import { CLI } from "../root.js";
import { Draw, type Outcome, type Scope } from "./part.js";

// A run of the command line that is killed at random moments, or while it writes, ends with the file of one that was not.

/** Kills of one run. */
const EACH = 10;
/** A process is killed this long after its start at the latest, in milliseconds. */
const LONGEST_LIFE = 800;

/** An aimed kill follows the beginning of a checkpoint by so many milliseconds at most; writing one takes about as long. */
const LONGEST_AIM = 8;
/** It is the beginning of one of the first so many. */
const AIMED_AT = 6;

/** When a process is killed: so long after its start, or after it began to write for so many times. */
interface Moment {
  readonly milliseconds: number;
  readonly writes: number;
}

const anytime = (draw: Draw): Moment => ({ milliseconds: draw.integer(100, LONGEST_LIFE), writes: 0 });
const whileWriting = (draw: Draw): Moment => ({
  milliseconds: draw.number(0, LONGEST_AIM),
  writes: draw.integer(1, AIMED_AT),
});

/** At random moments. */
export const kills = (scope: Scope): Promise<Outcome> => killedRuns(scope, anytime, "kills");

/** While a checkpoint is being written. */
export const aimedKills = (scope: Scope): Promise<Outcome> => killedRuns(scope, whileWriting, "kills while writing");

async function killedRuns(
  { seed, count, isOver }: Scope,
  moment: (draw: Draw) => Moment,
  what: string,
): Promise<Outcome> {
  const failures: string[] = [];
  let done = 0;
  for (let run = 0; done < count && !isOver(); run++) {
    const folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
    try {
      const kills = Math.min(EACH, count - done);
      const failure = await killedRun(folder, new Draw(seed, run), kills, moment);
      done += kills;
      if (failure) failures.push(`killed run ${run}: ${failure}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return { tried: `${done} ${what}`, failures };
}

async function killedRun(
  folder: string,
  draw: Draw,
  kills: number,
  moment: (draw: Draw) => Moment,
): Promise<string | undefined> {
  const text = presets.hamlet.text.repeat(2);
  writeFileSync(join(folder, "text.txt"), text);
  const common = ["train", "--quiet", "--json", `--backend=${draw.pick(["simd", "javascript"])}`];
  const start = [
    ...common,
    "--text=text.txt",
    `--hidden-size=${draw.integer(4, 16)}`,
    `--layers=${draw.integer(1, 2)}`,
    `--batch-size=${draw.integer(1, 5)}`,
    `--sequence-length=${draw.integer(20, 60)}`,
    `--dropout=${draw.pick([0, 0.2])}`,
    `--optimizer=${draw.pick(["sgd", "adam", "adamw", "rmsprop"])}`,
    "--learning-rate=0.001",
    `--validation-fraction=${draw.pick([0, 0.1])}`,
    `--seed=${draw.integer(0, 99)}`,
  ];
  const broken = join(folder, "broken");
  for (let i = 0; i < kills; i++) {
    const args = existsSync(broken) ? [...common, "--resume=broken"] : [...start, "--out=broken"];
    const code = await runFor(folder, moment(draw), [...args, "--checkpoint-every=1", "--epochs=100000"]);
    if (code !== undefined) return `kill ${i}: it ended by itself with ${code}: ${args.join(" ")}`;
  }
  if (!existsSync(broken)) await runFor(folder, undefined, [...start, "--out=broken", "--epochs=1"]);
  const before = epochOf(broken);
  const epochs = `--epochs=${before + 1}`;
  for (const args of [
    [...common, "--resume=broken", epochs],
    [...start, "--out=whole", epochs],
  ]) {
    const ended = await runFor(folder, undefined, args);
    if (ended?.code !== 0) return `${args.join(" ")} ended with ${ended?.code}: ${ended?.stderr}`;
  }
  const left = readdirSync(folder).filter((name) => /writing|lock/.test(name));
  if (left.length > 0) return `left behind: ${left.join(", ")}`;
  const isSame = readFileSync(broken).equals(readFileSync(join(folder, "whole")));
  return isSame ? undefined : `another file after ${before + 1} epochs: ${start.join(" ")}`;
}

/** Epochs that a checkpoint has behind it, by its header alone. */
function epochOf(path: string): number {
  const bytes = readFileSync(path);
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE()))) as {
    __metadata__: { training: string };
  };
  return (JSON.parse(header.__metadata__.training) as { progress: { epoch: number } }).progress.epoch;
}

/** Runs the command line until it ends by itself, or until it is killed: then there is nothing to say. */
function runFor(
  cwd: string,
  moment: Moment | undefined,
  args: string[],
): Promise<{ readonly code: number | null; readonly stderr: string } | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      stderr += piece;
    });
    const cancel = moment ? killAt(child, cwd, moment) : () => {};
    child.on("error", reject);
    child.on("close", (code, signal) => {
      cancel();
      resolve(signal === "SIGKILL" ? undefined : { code, stderr });
    });
  });
}

/** Kills a process at a moment, unless it is canceled. */
function killAt(child: ChildProcess, folder: string, { milliseconds, writes }: Moment): () => void {
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    timer ??= setTimeout(() => child.kill("SIGKILL"), milliseconds);
  };
  if (writes === 0) {
    arm();
    return () => clearTimeout(timer);
  }
  let finished = 0;
  const watcher = watch(folder, (_, name) => {
    if (name === "broken") finished++;
    else if (name?.endsWith(".writing") && finished + 1 >= writes) arm();
  });
  return () => {
    watcher.close();
    clearTimeout(timer);
  };
}
