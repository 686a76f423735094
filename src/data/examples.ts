import { InputError } from "../common/errors.js";
import { Random } from "../common/random.js";
import { isA } from "../common/realms.js";
import { show } from "../common/show.js";
import { padded } from "../kernels/kernels.js";
import type { BatchBuffer, Batches } from "./batches.js";

/** Numbers, or vectors as nested arrays. */
export type Numbers = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** One sequence and its targets. */
export interface Example {
  /** Tokens [T], or vectors [T, inputSize], concatenated or nested. */
  readonly inputs: Numbers;
  /** A token, a class (index or name) or a vector [outputSize] per output: [T, …], or […] with `returnSequences: false`. */
  readonly targets: Numbers | readonly string[];
}

/** A validated copy of an {@link Example}, as flat arrays. */
export interface Sequence {
  readonly inputs: Float32Array | Int32Array;
  readonly targets: Float32Array | Int32Array;
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
}

/** Examples, B of equal length at a time; the remainder of a length makes a smaller chunk. The cursor counts chunks. */
export class ExampleBatches implements Batches {
  readonly continuous = false;
  readonly batchSize: number;
  readonly chunkLength: number;
  readonly chunksPerEpoch: number;
  readonly predictionsPerEpoch: number;
  cursor = 0;
  private chunks: readonly (readonly number[])[];
  private readonly lengths: readonly number[];

  readonly returnSequences: boolean;

  /** @throws InputError for no examples */
  constructor(
    private readonly examples: readonly Sequence[],
    batchSize: number,
    private readonly spec: ExampleSpec,
  ) {
    if (examples.length === 0) throw new InputError("expected at least one example, got none");
    const { input, returnSequences } = spec;
    this.returnSequences = returnSequences;
    this.lengths = examples.map(({ inputs }) => inputs.length / widthOf(input));
    this.batchSize = Math.min(batchSize, examples.length);
    this.chunkLength = this.lengths.reduce((a, b) => Math.max(a, b));
    this.chunks = this.chunksOf(examples.map((_, i) => i));
    this.chunksPerEpoch = this.chunks.length;
    this.predictionsPerEpoch = returnSequences ? this.lengths.reduce((a, b) => a + b) : examples.length;
  }

  get nextLength(): number {
    const chunk = this.chunks[this.cursor];
    return chunk ? this.lengths[chunk[0]!]! : 0;
  }

  get nextBatchSize(): number {
    return this.chunks[this.cursor]?.length ?? 0;
  }

  shuffle(key: number): void {
    const random = new Random(key);
    const order = this.examples.map((_, i) => i);
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random.uniform() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    this.chunks = this.chunksOf(order);
  }

  isCursor(cursor: number): boolean {
    return cursor < this.chunksPerEpoch;
  }

  writeNext(room: BatchBuffer, from = 0, to = this.nextLength): void {
    const { input, output, returnSequences } = this.spec;
    const chunk = this.chunks[this.cursor]!;
    const isEnd = to === this.nextLength;
    for (const [b, index] of chunk.entries()) {
      const { inputs, targets } = this.examples[index]!;
      writeSequence(room, room.inputs, input, inputs, from, to, chunk.length, b);
      if (returnSequences) writeSequence(room, room.targets, output, targets, from, to, chunk.length, b);
      else if (isEnd) writeSequence(room, room.targets, output, targets, 0, 1, chunk.length, b);
    }
    if (isEnd) this.cursor++;
  }

  /** Chunks of examples of equal length, in the order in which they fill up; then the remainders. */
  private chunksOf(order: readonly number[]): number[][] {
    const open = new Map<number, number[]>();
    const chunks: number[][] = [];
    for (const index of order) {
      const length = this.lengths[index]!;
      const chunk = open.get(length) ?? [];
      chunk.push(index);
      open.set(length, chunk);
      if (chunk.length === this.batchSize) {
        chunks.push(chunk);
        open.delete(length);
      }
    }
    return [...chunks, ...open.values()];
  }
}

/** Writes steps `from` to `to` − 1 of sequence b into a time-major chunk: [steps, B] integers, or [steps, B, size padded] floats. */
export function writeSequence(
  { integers, floats }: Pick<BatchBuffer, "integers" | "floats">,
  address: number,
  { kind, size }: FeatureSpec,
  numbers: ArrayLike<number>,
  from: number,
  to: number,
  B: number,
  b: number,
): void {
  const start = address / 4;
  if (kind === "categorical") {
    for (let t = from; t < to; t++) integers[start + (t - from) * B + b] = numbers[t]!;
    return;
  }
  const stride = padded(size);
  for (let t = from; t < to; t++) {
    const row = start + ((t - from) * B + b) * stride;
    for (let i = 0; i < size; i++) floats[row + i] = numbers[t * size + i]!;
    floats.fill(0, row + size, row + stride);
  }
}

/** Numbers per step. */
const widthOf = ({ kind, size }: FeatureSpec): number => (kind === "continuous" ? size : 1);

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
    const { inputs, targets } = example ?? {};
    if (!isList(inputs) || !isList(targets))
      throw new InputError(`example ${i}: expected { inputs, targets }, each an array of numbers`);
    copies.count(inputs, input);
    copies.count(targets, output);
    return { inputs, targets };
  });
  return all.map(({ inputs, targets }, i) => {
    const sequence = {
      inputs: copies.take(inputs, input, `example ${i}, inputs`),
      targets: copies.take(targets, output, `example ${i}, targets`, classes),
    };
    const T = stepsOf(sequence.inputs, input, `example ${i}: `);
    const expected = (returnSequences ? T : 1) * widthOf(output);
    if (sequence.targets.length !== expected)
      throw new InputError(`example ${i}: expected ${expected} targets for ${T} steps, got ${sequence.targets.length}`);
    return sequence;
  });
}

/** @throws InputError for no inputs, or an incomplete step */
export function stepsOf({ length }: ArrayLike<number>, input: FeatureSpec, where = ""): number {
  const T = length / widthOf(input);
  if (Number.isInteger(T) && T > 0) return T;
  throw new InputError(`${where}expected a positive multiple of ${widthOf(input)} inputs, got ${length} numbers`);
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
  if (!isList(values)) throw new InputError(`${where}: expected an array of numbers, got ${show(values)}`);
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

/** @throws InputError for an invalid token, or a value that is not a finite number */
export function check(numbers: List, spec: FeatureSpec, where: string): void {
  for (let i = 0; i < numbers.length; i++) checkOne(numbers[i], i, spec, where);
}

function checkOne(
  number: unknown,
  i: number,
  { kind, size }: FeatureSpec,
  where: string,
  classes: readonly string[] = [],
) {
  if (typeof number === "number") {
    const isToken = Number.isInteger(number) && number >= 0 && number < size;
    if (kind === "categorical" ? isToken : Number.isFinite(Math.fround(number))) return;
  }
  const expected = kind === "categorical" ? `an integer from 0 to ${size - 1}` : "a finite number";
  const orName = classes.length > 0 ? ", or the name of a class" : "";
  throw new InputError(`${where}[${i}]: expected ${expected}${orName}, got ${show(number)}`);
}
