import { setFlagsFromString } from "node:v8";
import { BACKTEST_FLAGS, backtestCommand } from "../cli/backtest.js";
import { CONVERT_FLAGS, convertCommand } from "../cli/convert.js";
import { DETECT_FLAGS, detectCommand } from "../cli/detect.js";
import { EVALUATE_FLAGS, evaluateCommand } from "../cli/evaluate.js";
import { type Flag, UsageError } from "../cli/flags.js";
import { FORECAST_FLAGS, forecastCommand } from "../cli/forecast.js";
import { GENERATE_FLAGS, generateCommand } from "../cli/generate.js";
import { INSPECT_FLAGS, inspectCommand } from "../cli/inspect.js";
import { followParent } from "../cli/parent.js";
import { reason } from "../cli/paths.js";
import { PREDICT_FLAGS, predictCommand } from "../cli/predict.js";
import { trainCommand } from "../cli/train.js";
import { FLAGS } from "../cli/train-flags.js";
import { troubles } from "../cli/troubles.js";
import { environment, version } from "../cli/version.js";
import { LstmError, OptionError } from "../common/errors.js";
import { displayText, quote } from "../common/show.js";
import { SWEEP_FLAGS, WORKER_FLAGS } from "../sweep/flags.js";

/** A command and its flags. */
interface Command {
  /** Runs with the arguments that follow it, and gives the exit code. */
  readonly run: (args: string[]) => Promise<number>;
  readonly flags: Readonly<Record<string, Flag>>;
}

const COMMANDS = new Map<string, Command>([
  ["train", { run: trainCommand, flags: FLAGS }],
  ["generate", { run: generateCommand, flags: GENERATE_FLAGS }],
  ["evaluate", { run: evaluateCommand, flags: EVALUATE_FLAGS }],
  ["predict", { run: predictCommand, flags: PREDICT_FLAGS }],
  ["forecast", { run: forecastCommand, flags: FORECAST_FLAGS }],
  ["backtest", { run: backtestCommand, flags: BACKTEST_FLAGS }],
  ["detect", { run: detectCommand, flags: DETECT_FLAGS }],
  ["convert", { run: convertCommand, flags: CONVERT_FLAGS }],
  ["sweep", { run: async (args) => (await import("../sweep/command.js")).sweepCommand(args), flags: SWEEP_FLAGS }],
  [
    "sweep-worker",
    { run: async (args) => (await import("../sweep/worker-command.js")).sweepWorkerCommand(args), flags: WORKER_FLAGS },
  ],
  ["inspect", { run: inspectCommand, flags: INSPECT_FLAGS }],
]);

const HELP = `usage: lstm-wasm <command> [options]

commands:
  train         train a model on a text (by default Hamlet's soliloquy), a series, or labeled sequences
  generate      generate text with a trained model
  evaluate      measure how well a model predicts a text
  predict       predict the classes of sequences, or the values that a model of vectors gives
  forecast      continue a numeric series
  backtest      compare forecasts of the past with what came
  detect        find the rows outside the forecast intervals
  convert       make a model of another program's file, or a file for another program
  sweep         train with many different options, and find the best
  sweep-worker  take trials of sweeps from a queue
  inspect       show the contents of a checkpoint

lstm-wasm <command> --help lists a command's options; lstm-wasm --version tells this version,
and --version --verbose what else a report of a fault should say.
`;

/** Runs the command line in a process of its own. `args` follow the program's name. Sets the process's exit code. */
export async function main(args: string[]): Promise<void> {
  watchOutput();
  // Exceeding the file size limit should fail the write, not kill the process.
  process.on("SIGXFSZ", () => {});
  followParent();
  allowRelaxedSimd();
  process.exitCode = await runCommand(args);
}

/**
 * Runs one command. Any number of them can follow each other in a process.
 *
 * @returns the exit code
 */
export async function runCommand(args: string[]): Promise<number> {
  troubles.clear();
  return troubles.conclude(await run(args));
}

async function run([name, ...args]: string[]): Promise<number> {
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  if (name === "--version" || name === "-v" || name === "version") {
    const [detail, ...rest] = args;
    if (rest.length > 0 || ![undefined, "--verbose"].includes(detail)) {
      const wrong = displayText(`lstm-wasm: ${name} takes no other option than --verbose, got ${args.join(" ")}\n`);
      process.stderr.write(wrong);
      return 2;
    }
    process.stdout.write(`${await (detail ? environment() : version())}\n`);
    return 0;
  }
  const command = name === undefined ? undefined : COMMANDS.get(name);
  try {
    if (!command) {
      const wrong = name === undefined ? "no command given." : `unknown command ${quote(name)}.`;
      throw new UsageError(`${wrong} Commands: ${[...COMMANDS.keys()].join(", ")}`);
    }
    refuseSwallowedFlags(name!, command, args);
    return await command.run(args);
  } catch (error) {
    if (error instanceof UsageError || error instanceof OptionError) {
      process.stderr.write(
        `lstm-wasm: ${inFlags(error, command?.flags ?? {})}\nTry: lstm-wasm ${command ? `${name} ` : ""}--help\n`,
      );
      return 2;
    }
    if (error instanceof LstmError) process.stderr.write(`lstm-wasm: ${withFlags(error.message)}\n`);
    else process.stderr.write(displayText(`lstm-wasm: unexpected ${error instanceof Error ? error.stack : error}\n`));
    return 1;
  }
}

/**
 * In `npm run train --text x`, npm takes --text for itself and silently passes on only the x, or not even that. The
 * flags that it took are in environment variables.
 *
 * @throws UsageError if it took one of ours
 */
function refuseSwallowedFlags(name: string, { flags }: Command, args: readonly string[]): void {
  if (process.env.npm_lifecycle_event !== name) return;
  const isGiven = (flag: string) => args.some((arg) => arg === `--${flag}` || arg.startsWith(`--${flag}=`));
  const taken = Object.keys(flags).filter(
    (flag) => process.env[`npm_config_${flag.replaceAll("-", "_")}`] && !NPM_OWN.has(flag) && !isGiven(flag),
  );
  if (taken.length === 0) return;
  const list = taken.map((flag) => `--${flag}`);
  const example = `npm run ${name} -- ${list.join(" … ")} …`;
  throw new UsageError(`npm took ${list.join(", ")} for itself: put options after --, as in ${example}`);
}

/** Flags that npm has too, and that may be meant for it. */
const NPM_OWN: ReadonlySet<string> = new Set(["force", "target"]);

/** An option's error with the names of options on the command line, where they have a flag: hiddenSize → --hidden-size. */
function inFlags(error: UsageError | OptionError, flags: Command["flags"]): string {
  if (!(error instanceof OptionError)) return error.message;
  const named = (option: string) => {
    const derived = flagOf(option).slice(2);
    const flag = Object.hasOwn(flags, derived)
      ? derived
      : Object.keys(flags).find((name) => flags[name]!.option === option);
    return flag === undefined ? option : `--${flag}`;
  };
  return error.message.replace(error.option, named(error.option)).replace(/(?<= unless )\w+(?= is )/, named);
}

/** Replaces option names in the advice of a message by those of the flags: `missing: "drop"` by --missing drop. */
function withFlags(message: string): string {
  const advised = message.replace(/`(\w+)(?:: ("?)([^"`]*)\2)?`/g, (code, option: string, _, value?: string) => {
    const flag = flagOf(value === "false" ? `no-${option}` : option);
    if (!Object.hasOwn(FLAGS, flag.slice(2))) return code;
    return value === undefined || value === "false" ? flag : `${flag} ${value}`;
  });
  return advised.replace(/\b[a-z]+[A-Z]\w+\b/g, (word) => {
    const flag = flagOf(word);
    return Object.hasOwn(FLAGS, flag.slice(2)) ? flag : word;
  });
}

/** hiddenSize → --hidden-size */
const flagOf = (option: string): string => `--${option.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/** Node before 22 has relaxed SIMD behind a flag, which later versions do not know. */
function allowRelaxedSimd(): void {
  if (Number.parseInt(process.versions.node, 10) < 22) setFlagsFromString("--experimental-wasm-relaxed-simd");
}

/**
 * `lstm-wasm … | head` closes stdout early. A command that has something to save listens for SIGPIPE, which Node itself
 * never emits; the others stop. A full disk is no reason to stop a run that is saved elsewhere.
 */
function watchOutput(): void {
  // Without a listener, the signal would end the process: the system's default is back once a command's own is removed.
  process.on("SIGPIPE", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Every failed line emits an error.
    if (troubles.has("stdout")) return;
    const saves = process.listenerCount("SIGPIPE") > 1;
    if (error.code === "EPIPE") {
      if (saves) process.emit("SIGPIPE", "SIGPIPE");
      else process.exit(process.exitCode ?? 0);
      return;
    }
    const message = `stdout cannot be written: ${reason(error)}`;
    if (saves) troubles.record("stdout", message);
    else {
      process.stderr.write(`lstm-wasm: ${message}\n`);
      process.exit(process.exitCode || 1);
    }
  });
  process.stderr.on("error", () => troubles.recordSilently("stderr"));
}
