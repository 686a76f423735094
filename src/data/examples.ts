import { InputError } from "../common/errors.js";
import { isA } from "../common/realms.js";
import { show } from "../common/show.js";
import { padded } from "../kernels/kernels.js";
import type { BatchMemory } from "./batches.js";

/** Numbers, or vectors as nested arrays. */
export type Numbers = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** One sequence and its targets. */
export interface Example {
  /** Tokens [T], or vectors [T, inputSize], concatenated or nested. T may differ between examples. */
  readonly inputs: Numbers;
  /**
   * A token, a class (index or name) or a vector [outputSize] per output: [T, …], or […] with `returnSequences: false`. A
   * token or class of −1 (PyTorch's `ignore_index`), and a value of NaN, are left out of losses, accuracies and gradients.
   */
  readonly targets: Numbers | readonly (string | -1)[];
  /** What the loss of its targets is multiplied by, at least 0. Default 1. */
  readonly weight?: number;
}

/**
 * An example that is made each time that it is read, and not kept: windows of a series, each in a scale of its own, would take
 * many times the memory of the series.
 *
 * @internal
 */
export abstract class DerivedExample implements Sequence {
  readonly weight = 1;
  /** As flat arrays, the same each time. */
  abstract get inputs(): Float32Array;
  abstract get targets(): Float32Array;
}

/** A validated copy of an {@link Example}, as flat arrays. */
export interface Sequence {
  readonly inputs: Float32Array | Int32Array;
  readonly targets: Float32Array | Int32Array;
  readonly weight: number;
}

/** The format of a model's examples. */
export interface ExampleSpec {
  readonly input: FeatureSpec;
  readonly output: FeatureSpec;
  readonly returnSequences: boolean;
  /** Class names, allowed as targets in place of indices. */
  readonly classes?: readonly string[];
}

/** The type of inputs or outputs: integers below `size`, or vectors of `size` numbers. */
export interface FeatureSpec {
  /** `categorical`: integers that stand for tokens or classes; `continuous`: floats. */
  readonly kind: "categorical" | "continuous";
  /** The number of tokens or classes, or the width of a vector. */
  readonly size: number;
  /** Whether they are targets, which may be left out. */
  readonly isTarget?: boolean;
}

/** Weights of classes in the loss, by index. */
export type ClassWeights = readonly number[];

/** A token that is not a target. */
export const IGNORED = -1;

/** Writes a sequence's steps `from` to `to` − 1 into consecutive rows. */
export function writeSteps(
  memory: BatchMemory,
  address: number,
  spec: FeatureSpec,
  numbers: ArrayLike<number>,
  from: number,
  to: number,
): void {
  for (let t = from; t < to; t++) writeRow(memory, address, spec, numbers, t, t - from);
}

/** Writes step t of a sequence into a row: [rows] integers, or [rows, size padded] floats. */
export function writeRow(
  { integers, floats }: BatchMemory,
  address: number,
  { kind, size }: FeatureSpec,
  numbers: ArrayLike<number>,
  t: number,
  row: number,
): void {
  if (kind === "categorical") {
    integers[address / 4 + row] = numbers[t]!;
    return;
  }
  const stride = padded(size);
  const at = address / 4 + row * stride;
  for (let i = 0; i < size; i++) floats[at + i] = numbers[t * size + i]!;
  for (let i = size; i < stride; i++) floats[at + i] = 0;
}

/** Numbers per step. */
export const widthOf = ({ kind, size }: FeatureSpec): number => (kind === "continuous" ? size : 1);

/**
 * Validates and copies examples, so that later changes by the caller have no effect. Overlapping views of a buffer, such as
 * the windows of a series, share one copy.
 *
 * @throws InputError for an example with invalid inputs or targets
 */
export function readExamples(examples: readonly Example[], spec: ExampleSpec): Sequence[] {
  const { input, output, returnSequences, classes } = spec;
  const copies = new Copies();
  // Not `map`, which skips the holes of a sparse array.
  const all = Array.from(examples, (example, i) => {
    if (example instanceof DerivedExample) return example;
    const { inputs, targets, weight = 1 } = example ?? {};
    if (inputs === undefined || targets === undefined)
      throw new InputError(`example ${i}: expected { inputs, targets }, each an array of numbers`);
    for (const [name, values] of Object.entries({ inputs, targets }))
      if (!isList(values))
        throw noList(
          `example ${i}, ${name}`,
          values,
          name === "inputs" ? input : output,
          classes && name === "targets",
        );
    if (typeof weight !== "number" || !(weight >= 0 && weight <= MAX_WEIGHT))
      throw new InputError(`example ${i}, weight: expected a number from 0 to ${MAX_WEIGHT}, got ${show(weight)}`);
    copies.count(inputs, input);
    copies.count(targets, output);
    return { inputs, targets, weight };
  });
  const target = { ...output, isTarget: true };
  return all.map((example, i): Sequence => {
    const { inputs, targets, weight } = example;
    const isDerived = example instanceof DerivedExample;
    const read = (values: List, spec: FeatureSpec, where: string, classes?: readonly string[]) => {
      if (!isDerived) return copies.take(values, spec, where, classes);
      check(values, spec, where);
      return values as Float32Array;
    };
    const sequence = {
      inputs: read(inputs, input, `example ${i}, inputs`),
      targets: read(targets, target, `example ${i}, targets`, classes),
      weight,
    };
    const T = stepsOf(sequence.inputs, input, `example ${i}: `);
    const width = widthOf(output);
    const expected = (returnSequences ? T : 1) * width;
    const { length } = sequence.targets;
    if (length !== expected) {
      const advice =
        returnSequences && length === width ? ": a model of the last step alone has returnSequences: false" : "";
      throw new InputError(`example ${i}: expected ${expected} targets for ${T} steps, got ${length}${advice}`);
    }
    return isDerived ? example : sequence;
  });
}

/** Far below what would overflow a sum of losses. */
export const MAX_WEIGHT = 1e6;

/** @throws InputError for no inputs, or an incomplete step */
export function stepsOf({ length }: ArrayLike<number>, input: FeatureSpec, where = ""): number {
  const T = length / widthOf(input);
  if (Number.isInteger(T) && T > 0) return T;
  if (length === 0) throw new InputError(`${where}expected at least one input, got none`);
  throw new InputError(`${where}expected a multiple of ${widthOf(input)} inputs, got ${length} numbers`);
}

/** Copies arrays, and whole buffers if their views overlap. */
class Copies {
  private readonly bytes = new Map<ArrayBufferLike, number>();
  private readonly buffers = new Map<ArrayBufferLike, ArrayBuffer>();

  count(values: List, spec: FeatureSpec): void {
    if (!isFlat(values, spec)) return;
    const { buffer, byteLength } = values;
    this.bytes.set(buffer, (this.bytes.get(buffer) ?? 0) + byteLength);
  }

  take(values: List, spec: FeatureSpec, where: string, classes?: readonly string[]): Float32Array | Int32Array {
    if (!isFlat(values, spec)) return flatten(values, spec, where, classes);
    const { buffer, byteOffset, length } = values;
    if (this.bytes.get(buffer)! <= buffer.byteLength) return flatten(values, spec, where);
    const copy = this.buffers.get(buffer) ?? (buffer.slice(0) as ArrayBuffer);
    this.buffers.set(buffer, copy);
    const view = new (arrayFor(spec))(copy, byteOffset, length);
    check(view, spec, where);
    return view;
  }
}

type List = ArrayLike<unknown>;

const arrayFor = ({ kind }: FeatureSpec) => (kind === "categorical" ? Int32Array : Float32Array);

/** Whether values are in a typed array of the type that they are stored in. */
const isFlat = (values: unknown, spec: FeatureSpec): values is Float32Array | Int32Array =>
  isA(values, arrayFor(spec).name);

const isList = (values: unknown): values is List =>
  typeof values === "object" && Number.isSafeInteger((values as List | null)?.length);

/**
 * Copies values to a new flat array.
 *
 * @param classes names that may stand for their indices
 * @throws InputError for anything but an array, a row of the wrong width, or an invalid value
 */
export function flatten(
  values: unknown,
  spec: FeatureSpec,
  where: string,
  classes: readonly string[] = [],
): Float32Array | Int32Array {
  if (!isList(values)) throw noList(where, values, spec);
  const { size, kind } = spec;
  const isNested = kind === "continuous" && isList(values[0]);
  const flat = new (arrayFor(spec))(values.length * (isNested ? size : 1));
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (isNested) {
      if (!isList(value) || value.length !== size)
        throw new InputError(
          `${where}[${i}]: expected ${size} numbers, got ${isList(value) ? value.length : show(value)}`,
        );
      check(value, spec, `${where}[${i}]`);
      flat.set(value as ArrayLike<number>, i * size);
    } else {
      const index = typeof value === "string" ? classes.indexOf(value) : -1;
      if (index < 0) checkOne(value, i, spec, where, classes);
      flat[i] = index < 0 ? (value as number) : index;
    }
  }
  return flat;
}

/** The error of what should be an array. */
function noList(where: string, values: unknown, { kind }: FeatureSpec, areClasses = false): InputError {
  const isText = kind === "categorical" && typeof values === "string" && where.endsWith("inputs");
  const advice = isText ? ": model.vocabulary.encode(text) makes one of a text" : "";
  const what = areClasses ? "an array of classes" : "an array of numbers";
  return new InputError(`${where}: expected ${what}, got ${show(values)}${advice}`);
}

/** @throws InputError for an invalid token, or a value that is not a finite number */
export function check(numbers: List, spec: FeatureSpec, where: string): void {
  for (let i = 0; i < numbers.length; i++) checkOne(numbers[i], i, spec, where);
}

/** "a", "a, or b", or "a, b, or c" */
const either = (choices: readonly string[]): string =>
  choices.length === 1 ? choices[0]! : `${choices.slice(0, -1).join(", ")}, or ${choices.at(-1)}`;

function checkOne(
  number: unknown,
  i: number,
  { kind, size, isTarget = false }: FeatureSpec,
  where: string,
  classes: readonly string[] = [],
) {
  if (typeof number === "number") {
    const isToken = Number.isInteger(number) && number >= 0 && number < size;
    if (kind === "categorical" ? isToken : Number.isFinite(Math.fround(number))) return;
    if (isTarget && (kind === "categorical" ? number === IGNORED : Number.isNaN(number))) return;
  }
  const expected = [
    kind === "categorical" ? `an integer from 0 to ${size - 1}` : "a finite number",
    ...(classes.length > 0 ? ["the name of a class"] : []),
    ...(isTarget ? [`${kind === "categorical" ? IGNORED : "NaN"} to leave it out`] : []),
  ];
  throw new InputError(`${where}[${i}]: expected ${either(expected)}, got ${show(number)}`);
}
