import { flagName } from "../cli/flags.js";
import { OptionError } from "../common/errors.js";
import { exponential, integerPower, naturalLogarithm } from "../common/exact-math.js";
import { nearest } from "../common/nearest.js";
import type { OptionSpec, OptionSpecs } from "../common/options.js";
import type { Random } from "../common/random.js";
import { display, quote } from "../common/show.js";
import { CREATE_OPTIONS, MODEL_OPTIONS } from "../model/options.js";
import { FORECASTER_OPTIONS } from "../series/options.js";
import { SERIES_OPTIONS } from "../series/transform.js";
import { TRAIN_OPTIONS } from "../training/options.js";
import { SweepError } from "./errors.js";

/** A value of an option. */
export type Value = number | string | boolean;

/** Numbers between two bounds. */
interface Range {
  readonly from: number;
  readonly to: number;
  /** Whether ratios count, not differences. */
  readonly isLogarithmic: boolean;
}

/** An option that differs between trials. */
export interface Dimension {
  /** Its name as a flag, such as hidden-size. */
  readonly name: string;
  readonly option: string;
  readonly spec: OptionSpec;
  /** What it may be: one of these, or a number in a range. */
  readonly choice: readonly Value[] | Range;
}

/** Options without a flag, and those that change what is measured rather than how good it is. */
const NOT_VARIED = new Set([
  ...["inputSize", "outputSize", "returnSequences", "head", "transform", "stratify"],
  ...["validationFraction", "testFraction", "testRows", "horizon", "season"],
]);

/** The options that may differ between trials, from the tables that declare them. */
export const VARIABLE: OptionSpecs = Object.fromEntries(
  // Where two have the same name, the later one has the flag.
  [FORECASTER_OPTIONS, SERIES_OPTIONS, MODEL_OPTIONS, TRAIN_OPTIONS, CREATE_OPTIONS]
    .flatMap((table): [string, OptionSpec][] => Object.entries(table))
    .filter(([option, { type }]) => type !== "other" && !NOT_VARIED.has(option)),
);

/** Options whose ratios count: a range of one is drawn from by its logarithm. */
const RATES = new Set(["learningRate", "minLearningRate", "weightDecay", "epsilon", "initStd"]);

/** Significant digits of a number that is drawn, so that it can be read and typed. */
const DIGITS = 4;

/**
 * Reads what differs between trials.
 *
 * @param vary by option, in either spelling
 * @throws SweepError for an option that does not exist or cannot differ, or a value that it cannot have
 */
export function readSpace(vary: Readonly<Record<string, string | readonly Value[]>>): Dimension[] {
  const space = Object.entries(vary).map(([given, choice]) => readDimension(given, choice));
  if (space.length === 0)
    throw new SweepError("vary: expected at least one option, such as hidden-size=64,128, got none");
  for (const [i, { name }] of space.entries())
    if (space.findIndex((other) => other.name === name) < i) throw new SweepError(`vary: ${name} was given twice`);
  return space;
}

function readDimension(given: string, choice: string | readonly Value[]): Dimension {
  const names = Object.keys(VARIABLE);
  const option = names.find((option) => option === given || flagName(option) === given);
  if (option === undefined) {
    const near = nearest(given, names);
    const advice = near === undefined ? "" : `: did you mean ${flagName(near)}?`;
    throw new SweepError(`vary: ${display(given, 60)} is no option of train that can differ between trials${advice}`);
  }
  const name = flagName(option);
  const spec = VARIABLE[option]!;
  const checked = (value: unknown): Value => {
    try {
      return spec.check(option, value) as Value;
    } catch (error) {
      if (error instanceof OptionError) throw new SweepError(`vary: ${error.message.replace(option, name)}`);
      throw error;
    }
  };
  if (typeof choice !== "string") {
    if (!Array.isArray(choice) || choice.length === 0)
      throw new SweepError(`vary: expected values of ${name}, got ${Array.isArray(choice) ? "none" : typeof choice}`);
    return { name, option, spec, choice: choice.map(checked) };
  }
  const range = readRange(name, option, spec, choice);
  if (range) for (const bound of [range.from, range.to]) checked(bound);
  return { name, option, spec, choice: range ?? choice.split(",").map((part) => checked(typed(spec, part.trim()))) };
}

/** `0:0.5`, or `1e-4:1e-2:log`; undefined for a list. */
function readRange(name: string, option: string, { type }: OptionSpec, text: string): Range | undefined {
  const isNumeric = type === "number" || type === "integer";
  const parts = text.split(":");
  if (parts.length === 1 || !isNumeric) return undefined;
  const [low = "", high = "", scale, ...rest] = parts;
  const [from, to] = [low, high].map((part) => (part.trim() === "" ? Number.NaN : Number(part))) as [number, number];
  if (!(from < to) || rest.length > 0 || !["log", "uniform", undefined].includes(scale))
    throw new SweepError(
      `vary: expected a range of ${name} such as 0.1:0.5, from less to more, or 0.001:0.1:log, got ${quote(text)}`,
    );
  if (scale === "log" && from <= 0)
    throw new SweepError(`vary: expected a range of ${name} above 0, for its logarithm, got ${quote(text)}`);
  return { from, to, isLogarithmic: scale === "log" || (scale === undefined && RATES.has(option) && from > 0) };
}

/** A value as it is typed; the option itself checks it. */
function typed({ type }: OptionSpec, text: string): unknown {
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if ((type === "number" || type === "integer") && text !== "" && !Number.isNaN(Number(text))) return Number(text);
  return text;
}

/** A value at random. */
export function drawValue({ choice, spec }: Dimension, random: Random): Value {
  const share = random.uniform();
  if ("from" in choice) return inRange(choice, spec, share);
  return choice[Math.floor(share * choice.length)]!;
}

/** The value at a share of the way from a range's beginning to its end. */
function inRange({ from, to, isLogarithmic }: Range, { type }: OptionSpec, share: number): number {
  const isInteger = type === "integer";
  // Each integer has an interval of its own, so that the bounds come up as often as the others.
  const [low, high] = isInteger ? [from - 0.5, to + 0.5] : [from, to];
  const value = isLogarithmic
    ? exponential(naturalLogarithm(low) + share * (naturalLogarithm(high) - naturalLogarithm(low)))
    : low + share * (high - low);
  const rounded = isInteger ? Math.round(value) : Number(value.toPrecision(DIGITS));
  return Math.min(to, Math.max(from, rounded));
}

/** So many values of a range, evenly spaced from its beginning to its end. */
function spaced(range: Range, spec: OptionSpec, count: number): number[] {
  const { from, to } = range;
  const shares = Array.from({ length: count }, (_, i) => (count === 1 ? 0.5 : i / (count - 1)));
  const values = shares.map((share) => (share === 0 ? from : share === 1 ? to : inRange(range, spec, share)));
  return [...new Set(values)];
}

/**
 * The values of each dimension of a grid. Ranges get as many values each as the number of trials has room for.
 *
 * @param most trials; undefined for all combinations
 * @throws SweepError if there are more combinations
 */
export function gridOf(space: readonly Dimension[], most: number | undefined, usual: number): (readonly Value[])[] {
  const lists = space.reduce((product, { choice }) => product * ("from" in choice ? 1 : choice.length), 1);
  const ranges = space.filter(({ choice }) => "from" in choice).length;
  const room = most ?? Math.max(usual, lists);
  if (lists > room)
    throw new SweepError(`trials: expected at least ${lists}, the combinations of the grid's values, got ${room}`);
  let count = 1;
  while (ranges > 0 && lists * integerPower(count + 1, ranges) <= room) count++;
  return space.map(({ choice, spec }) => ("from" in choice ? spaced(choice, spec, count) : choice));
}
