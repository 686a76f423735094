import { setFlagsFromString } from "node:v8";
import { LstmError, OptionError } from "../common/errors.js";
import { displayText, quote } from "../common/show.js";
import { evaluateCommand } from "./evaluate.js";
import { UsageError } from "./flags.js";
import { forecastCommand } from "./forecast.js";
import { generateCommand } from "./generate.js";
import { inspectCommand } from "./inspect.js";
import { reason } from "./paths.js";
import { trainCommand } from "./train.js";
import { FLAGS } from "./train-flags.js";
import { troubles } from "./troubles.js";

/** Runs with the arguments that follow it, and gives the exit code. */
type Command = (args: string[]) => Promise<number>;

const COMMANDS = new Map<string, Command>([
  ["train", trainCommand],
  ["generate", generateCommand],
  ["evaluate", evaluateCommand],
  ["forecast", forecastCommand],
  ["inspect", inspectCommand],
]);

const HELP = `usage: lstm-wasm <command> [options]

commands:
  train     train a model on a text (by default Hamlet's soliloquy) or on a series
  generate  let a trained model write
  evaluate  measure how well a model foretells a text
  forecast  go on with a numeric series
  inspect   tell what a checkpoint holds

lstm-wasm <command> --help lists a command's options.
`;

/** Runs the command line; `args` are the words after the program's name. Sets the process's exit code. */
export async function main(args: string[]): Promise<void> {
  watchOutput();
  // A write beyond the limit on file sizes shall be an error of that write, not the end of this process.
  process.on("SIGXFSZ", () => {});
  allowRelaxedSimd();
  const code = await run(args);
  process.exitCode = troubles.conclude(code);
}

async function run([name, ...args]: string[]): Promise<number> {
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  const command = name === undefined ? undefined : COMMANDS.get(name);
  try {
    if (!command) {
      const wrong = name === undefined ? "which command?" : `there is no command ${quote(name)}.`;
      throw new UsageError(`${wrong} The commands are ${[...COMMANDS.keys()].join(", ")}`);
    }
    return await command(args);
  } catch (error) {
    if (error instanceof UsageError || error instanceof OptionError) {
      process.stderr.write(`lstm-wasm: ${inFlags(error)}\nTry: lstm-wasm ${command ? `${name} ` : ""}--help\n`);
      return 2;
    }
    if (error instanceof LstmError) process.stderr.write(`lstm-wasm: ${withFlags(error.message)}\n`);
    else process.stderr.write(displayText(`lstm-wasm: unexpected ${error instanceof Error ? error.stack : error}\n`));
    return 1;
  }
}

/** An option's error with the option's name on the command line: hiddenSize → --hidden-size. */
function inFlags(error: UsageError | OptionError): string {
  if (error instanceof OptionError) return error.message.replace(error.option, flagOf(error.option));
  return error.message;
}

/** The API's names of options, as flags, in a message's advice. */
function withFlags(message: string): string {
  return message.replace(/\b[a-z]+[A-Z]\w+\b/g, (word) => {
    const flag = flagOf(word);
    return Object.hasOwn(FLAGS, flag.slice(2)) ? flag : word;
  });
}

/** hiddenSize → --hidden-size */
const flagOf = (option: string): string => `--${option.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/** Node before 22 has relaxed SIMD behind a flag, and later ones do not know that flag. This is our own process. */
function allowRelaxedSimd(): void {
  if (Number.parseInt(process.versions.node, 10) < 22) setFlagsFromString("--experimental-wasm-relaxed-simd");
}

/**
 * `lstm-wasm … | head` closes our stdout early: nobody wants more. A command that has something to save listens for SIGPIPE,
 * which Node itself never emits; the others have nothing more to do. A disk that is full is no reason to stop what is
 * saved elsewhere.
 */
function watchOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Each line that cannot be written tells of it.
    if (troubles.has("stdout")) return;
    const saves = process.listenerCount("SIGPIPE") > 0;
    if (error.code === "EPIPE") {
      if (saves) process.emit("SIGPIPE", "SIGPIPE");
      else process.exit(process.exitCode ?? 0);
      return;
    }
    const message = `stdout cannot be written: ${reason(error)}`;
    if (saves) troubles.meet("stdout", message);
    else {
      process.stderr.write(`lstm-wasm: ${message}\n`);
      process.exit(process.exitCode || 1);
    }
  });
  process.stderr.on("error", () => troubles.meetSilently("stderr"));
}
