import { parseArgs } from "node:util";
import { display, quote } from "../common/show.js";

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string) {
    super(display(message));
  }
}

/** One flag: what follows it, and the line that --help prints. */
export interface Flag {
  /** What stands for the value in --help; absent for a switch. */
  readonly value?: string;
  /** Takes `value` as a number. */
  readonly number?: boolean;
  readonly help: string;
}

/** What the flags were given as. */
export type Values<Flags> = {
  [Name in keyof Flags]?: Flags[Name] extends { number: true }
    ? number
    : Flags[Name] extends { value: string }
      ? string
      : boolean;
};

/**
 * Reads flags, as `--name value` or `--name=value`.
 *
 * @param words where arguments that are no flags go; without it there may be none
 * @throws UsageError for a flag that is none, a missing value, or a number that is none
 */
export function parseFlags<const Flags extends Record<string, Flag>>(
  flags: Flags,
  args: string[],
  words?: string[],
): Values<Flags> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value }]) => [name, { type: value ? "string" : "boolean" } as const]),
  );
  const { tokens } = parseArgs({ args: attachNegatives(args), options, strict: false, tokens: true });
  const values: Record<string, string | number | boolean> = {};
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (!words) throw new UsageError(`unexpected argument ${quote(token.value)}`);
      words.push(token.value);
      continue;
    }
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (!flag) throw new UsageError(`unknown option ${display(token.rawName, 60)}; there are ${list(flags)}`);
    if (flag.value === undefined) {
      if (token.value !== undefined)
        throw new UsageError(`${token.rawName} takes no value, got ${display(token.value, 60)}`);
      values[token.name] = true;
    } else {
      if (token.value === undefined) throw new UsageError(`${token.rawName} needs a value: ${flag.value}`);
      if (token.value === "") throw new UsageError(`${token.rawName} needs a value that is not empty: ${flag.value}`);
      values[token.name] = flag.number ? number(token.rawName, token.value) : token.value;
    }
  }
  return values as Values<Flags>;
}

/** @throws UsageError where a flag that is needed was not given */
export function required(name: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`--${name} is needed`);
  return value;
}

/** The options that are not undefined. */
export function given<Options>(options: { [Name in keyof Options]: Options[Name] | undefined }): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Options>;
}

/** The lines of --help for some flags. */
export function describeFlags(flags: Record<string, Flag>): string {
  const names = Object.entries(flags).map(([name, { value }]) => `  --${name}${value ? ` ${value}` : ""}`);
  const width = Math.max(...names.map((name) => name.length));
  return Object.values(flags)
    .map(({ help }, i) => `${names[i]!.padEnd(width)}  ${help}`)
    .join("\n");
}

/** `--name -1` as `--name=-1`: parseArgs takes a lone -1 for an option. */
function attachNegatives(args: string[]): string[] {
  const attached: string[] = [];
  for (const arg of args) {
    const before = attached.at(-1);
    if (/^-[\d.]/.test(arg) && before?.startsWith("--") && !before.includes("="))
      attached.push(`${attached.pop()}=${arg}`);
    else attached.push(arg);
  }
  return attached;
}

function number(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new UsageError(`${flag}: expected a number, got ${quote(text)}`);
  return value;
}

const list = (flags: Record<string, Flag>) =>
  Object.keys(flags)
    .map((name) => `--${name}`)
    .join(", ");
