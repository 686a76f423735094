import { parseArgs } from "node:util";
import { OPTION_HELP } from "#option-help";
import { nearest } from "../common/nearest.js";
import type { OptionSpec, OptionSpecs, OptionsOf } from "../common/options.js";
import { display, quote } from "../common/show.js";

/** The command line is invalid. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string) {
    super(display(message));
  }
}

/** One flag: its value and its help text. */
export interface Flag {
  /** The placeholder of the value in --help; absent for a switch. */
  readonly value?: string;
  /** Parses `value` as a number. */
  readonly number?: boolean;
  /** May be given several times. */
  readonly many?: boolean;
  /** May be empty. */
  readonly empty?: boolean;
  readonly help: string;
  /** For an option of the API: its name there, and the value that a switch sets. */
  readonly option?: string;
  readonly sets?: boolean;
}

/** The parsed values of flags. */
export type Values<Flags> = {
  [Name in keyof Flags]?: Flags[Name] extends { number: true }
    ? number
    : Flags[Name] extends { many: true }
      ? string[]
      : Flags[Name] extends { value: string }
        ? string
        : boolean;
};

/** hiddenSize → hidden-size */
export const flagName = (option: string): string => option.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

/**
 * The flags for a table of options.
 *
 * @param table its name, under which its help texts are found
 * @param omit options without a flag
 * @param defaults descriptions of defaults that differ on the command line
 * @param off help texts of the switches that turn an option off
 */
export function flagsOf(
  table: string,
  specs: OptionSpecs,
  omit: readonly string[] = [],
  defaults: Readonly<Record<string, string>> = {},
  off: Readonly<Record<string, string>> = {},
): Record<string, Flag> {
  const flags: Record<string, Flag> = {};
  for (const [option, spec] of Object.entries(specs)) {
    if (omit.includes(option)) continue;
    const isOn = spec.default === true;
    const name = flagName(isOn ? `no-${option}` : option);
    const text = OPTION_HELP[table]?.[option] ?? "";
    const help = (isOn ? off[option] : undefined) ?? describeOption(text, spec, defaults[option]);
    if (spec.type === "boolean") flags[name] = { help, option, sets: !isOn };
    else if (spec.type === "integer" || spec.type === "number")
      flags[name] = { value: spec.type === "integer" ? "N" : "X", number: true, help, option };
    else flags[name] = { value: spec.type === "choice" ? "NAME" : "TEXT", help, option };
  }
  return flags;
}

/** "Hidden units of every layer." → "hidden units of every layer (default 128)" */
function describeOption(text: string, spec: OptionSpec, usual?: string): string {
  const [, words = "", stated] = /^(.*?)\.?(?: Default:? (.*?)\.?)?$/.exec(text)!;
  const first = /^[A-Z][a-z]/.test(words) && !/^(Adam|RMSprop|Huber)/.test(words) ? words[0]!.toLowerCase() : words[0];
  const choices = spec.choices ? `: ${spec.choices.join(", ")}` : "";
  const literal =
    typeof spec.default === "number" || typeof spec.default === "string" ? String(spec.default) : undefined;
  const fallback = usual ?? stated ?? (Number(literal) >= Number.MAX_SAFE_INTEGER ? undefined : literal);
  const help = `${first}${words.slice(1)}${choices}${fallback === undefined ? "" : ` (default ${fallback})`}`;
  // Refers to other options by their flags.
  return help.replace(/\b[a-z]+[A-Z][A-Za-z]+\b/g, (option) => `--${flagName(option)}`);
}

/** The options of a table among parsed flags. */
export function optionsFrom<Specs extends OptionSpecs>(
  specs: Specs,
  values: Readonly<Record<string, unknown>>,
  omit: readonly string[] = [],
): OptionsOf<Specs> {
  const options: Record<string, unknown> = {};
  for (const option of Object.keys(specs)) {
    const isOn = specs[option]!.default === true;
    const value = values[flagName(isOn ? `no-${option}` : option)];
    if (value !== undefined && !omit.includes(option)) options[option] = isOn ? !value : value;
  }
  return options as OptionsOf<Specs>;
}

/**
 * Parses flags, as `--name value` or `--name=value`.
 *
 * @param words receives positional arguments; without it there must be none
 * @throws UsageError for an unknown flag, a repeated one, a missing value, or an invalid number
 */
export function parseFlags<const Flags extends Record<string, Flag>>(
  flags: Flags,
  args: string[],
  words?: string[],
): Values<Flags> & Record<string, unknown> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value }]) => [name, { type: value ? "string" : "boolean" } as const]),
  );
  const { tokens } = parseArgs({ args: attachNegatives(args), options, strict: false, tokens: true });
  const values: Record<string, string | number | boolean | string[]> = {};
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (!words) throw new UsageError(`unexpected argument ${quote(token.value)}`);
      words.push(token.value);
      continue;
    }
    const { name, value } = token;
    const rawName = display(token.rawName, 60);
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (!flag) throw new UsageError(`unknown option ${rawName}${suggestion(name, Object.keys(flags))}`);
    if (Object.hasOwn(values, name) && !flag.many) throw new UsageError(`${rawName} was given twice`);
    if (flag.value === undefined) {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value, got ${quote(value)}`);
      values[name] = true;
    } else {
      if (value === undefined) throw new UsageError(`${rawName} needs a value: ${flag.value}`);
      if (value === "" && !flag.empty) throw new UsageError(`${rawName} needs a non-empty value: ${flag.value}`);
      if (flag.many) values[name] = [...((values[name] as string[] | undefined) ?? []), value];
      else values[name] = flag.number ? number(rawName, value) : value;
    }
  }
  return values as Values<Flags> & Record<string, unknown>;
}

function suggestion(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === undefined ? "" : `: did you mean --${near}?`;
}

/** @throws UsageError if a required flag is missing */
export function required(name: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`--${name} is required`);
  return value;
}

/** The options without the undefined ones. */
export function given<Options>(options: { [Name in keyof Options]: Options[Name] | undefined }): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Options>;
}

/** The lines of --help for flags. */
export function describeFlags(flags: Record<string, Flag>): string {
  const names = Object.entries(flags).map(([name, { value }]) => `  --${name}${value ? ` ${value}` : ""}`);
  const width = Math.max(...names.map((name) => name.length));
  return Object.values(flags)
    .map(
      ({ help }, i) =>
        `${names[i]!.padEnd(width)}  ${wrapped(help, HELP_WIDTH - width - 2).join(`\n${" ".repeat(width + 2)}`)}`,
    )
    .join("\n");
}

/** Width of --help in columns. */
const HELP_WIDTH = 100;

function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

/** `--name -1` as `--name=-1`: parseArgs would take a lone -1 for a flag. */
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
