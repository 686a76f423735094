import { InputError } from "../common/errors.js";
import { choice, type OptionsOf } from "../common/options.js";
import { quote, show } from "../common/show.js";
import { interpolate } from "../tables/missing.js";

/** A sequence of vectors, and the class that it belongs to. */
export interface LabeledSequence {
  /** Tells it apart from others. Default: its number, counted from 1. */
  readonly id?: string;
  /** [T, dimensions], by time. */
  readonly values: ArrayLike<number>;
  /** Its class; absent if it is unknown. */
  readonly label?: string | undefined;
}

/** Sequences of any lengths, with the same dimensions. */
export interface LabeledSequences {
  /** The names of the dimensions. */
  readonly dimensions: readonly string[];
  /** The names of the classes. */
  readonly classes: readonly string[];
  /** The sequences, in the order of the file. */
  readonly sequences: readonly LabeledSequence[];
  /** What was filled in or left out, for the user. */
  readonly notes?: readonly string[];
}

/** @throws InputError unless they are sequences of numbers, with the same dimensions */
export function checkSequences(data: Pick<LabeledSequences, "dimensions" | "sequences">): void {
  const { dimensions, sequences } = Object(data) as Partial<LabeledSequences>;
  const areNames = Array.isArray(dimensions) && dimensions.length > 0 && allOf(dimensions, isText);
  if (!areNames || !Array.isArray(sequences))
    throw new InputError(`expected { dimensions, classes, sequences }, as parseTs gives them, got ${show(data)}`);
  // Not `forEach`, which skips the holes of a sparse array.
  for (let i = 0; i < sequences.length; i++) {
    const { id, values, label } = Object(sequences[i]) as Partial<LabeledSequence>;
    const where = `sequence ${quote(isText(id) ? id : String(i + 1))}`;
    const isList = typeof values === "object" && values !== null;
    if (isList && typeof values[0] === "object")
      throw new InputError(`${where}: expected its values in one array, step by step: values.flat() gives that`);
    if (!isList || !(values.length % dimensions.length === 0) || values.length === 0)
      throw new InputError(
        `${where}: expected its values, a positive multiple of ${dimensions.length} numbers, got ${isList ? values.length : show(values)}`,
      );
    for (let at = 0; at < values.length; at++)
      if (typeof values[at] !== "number")
        throw new InputError(`${where}, value ${at}: expected a number, got ${show(values[at])}`);
    if (label !== undefined && !isText(label))
      throw new InputError(`${where}: expected the name of its class, got ${show(label)}`);
    if (id !== undefined && !isText(id)) throw new InputError(`${where}: expected a name as its id, got ${show(id)}`);
  }
}

const isText = (value: unknown): value is string => typeof value === "string";

/** As `every`, which skips the holes of a sparse array. */
const allOf = (values: readonly unknown[], holds: (value: unknown) => boolean): boolean => [...values].every(holds);

/** What is done about missing values in sequences. */
export const SEQUENCE_OPTIONS = {
  /** What to do about missing values: refuse them, or fill them in along a line between their neighbors. */
  missing: choice(["error", "interpolate"], { default: "error" }),
};

/** What is done about missing values in sequences. */
export interface SequenceOptions extends OptionsOf<typeof SEQUENCE_OPTIONS> {}

/** Where a sequence stands in its file. */
export interface Place {
  readonly line: number;
  readonly dimensions: readonly string[];
}

/**
 * Fills in the missing values (NaN) of a sequence, in place: between others along a line, at the ends with the nearest one.
 *
 * @returns how many
 * @throws InputError for a dimension without any value
 */
export function fillMissing(values: Float64Array, { line, dimensions }: Place): number {
  const width = dimensions.length;
  let filled = 0;
  for (const [d, name] of dimensions.entries()) {
    const column = Float64Array.from({ length: values.length / width }, (_, t) => values[t * width + d]!);
    const missing = column.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
    if (missing === 0) continue;
    if (missing === column.length)
      throw new InputError(`line ${line}: dimension ${quote(name)} has no value at all: leave the sequence out`);
    interpolate(column);
    column.subarray(0, column.findIndex(isNumber)).fill(column.find(isNumber)!);
    column.subarray(column.findLastIndex(isNumber) + 1).fill(column.findLast(isNumber)!);
    for (const [t, value] of column.entries()) values[t * width + d] = value;
    filled += missing;
  }
  return filled;
}

const isNumber = (value: number): boolean => !Number.isNaN(value);

/** What a reader says of the values that it has filled in. */
export const notesOf = (filled: number): string[] =>
  filled === 0 ? [] : [`filled in ${filled} missing value${filled === 1 ? "" : "s"}`];

/** The classes of labels, in order: as numbers if all are, else by their characters. */
export function classesOf(labels: Iterable<string | undefined>): string[] {
  const names = [...new Set(labels)].filter((label) => label !== undefined);
  const areNumbers = names.every((name) => name.trim() !== "" && Number.isFinite(Number(name)));
  return areNumbers ? names.sort((a, b) => Number(a) - Number(b)) : names.sort();
}
