import { InputError } from "../common/errors.js";
import { Random } from "../common/random.js";
import { isA } from "../common/realms.js";
import { show } from "../common/show.js";
import { padded } from "../kernels/kernels.js";
import type { Batches, BatchMemory, BatchPlan, Slice } from "./batches.js";

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

/** Examples that are computed together. */
interface Chunk {
  readonly indices: readonly number[];
  /** Descending. */
  readonly lengths: readonly number[];
  /** The sum of the lengths. */
  readonly steps: number;
  readonly predictions: number;
}

/**
 * Examples, B at a time. Those of a chunk are sorted by length, so that each step has the first so many. The cursor counts
 * chunks.
 */
export class ExampleBatches implements Batches {
  readonly continuous = false;
  readonly batchSize: number;
  readonly chunkLength: number;
  readonly chunksPerEpoch: number;
  readonly predictionsPerEpoch: number;
  readonly returnSequences: boolean;
  readonly weighted: boolean;
  readonly ragged: boolean;
  cursor = 0;
  private chunks: readonly Chunk[];
  private readonly lengths: readonly number[];
  /** Of each example: its predictions, each as often as its weight says. */
  private readonly predictions: readonly number[];
  /** The lengths, descending. */
  private readonly sorted: readonly number[];

  /** @throws InputError for no examples, or without a target that counts */
  constructor(
    private readonly examples: readonly Sequence[],
    batchSize: number,
    private readonly spec: ExampleSpec,
    private readonly classWeights: ClassWeights = [],
  ) {
    if (examples.length === 0) throw new InputError("expected at least one example, got none");
    const { input, returnSequences } = spec;
    this.returnSequences = returnSequences;
    this.weighted = classWeights.length > 0 || examples.some(({ weight }) => weight !== 1);
    this.lengths = examples.map(({ inputs }) => inputs.length / widthOf(input));
    this.sorted = [...this.lengths].sort((a, b) => b - a);
    this.batchSize = Math.min(batchSize, examples.length);
    this.chunkLength = this.sorted[0]!;
    this.ragged = this.sorted.at(-1) !== this.chunkLength;
    this.predictions = examples.map((example) => this.predictionsOf(example));
    this.chunks = this.chunksOf(examples.map((_, i) => i));
    this.chunksPerEpoch = this.chunks.length;
    this.predictionsPerEpoch = sum(this.predictions);
    if (this.predictionsPerEpoch === 0)
      throw new InputError("no target counts: all are -1 or NaN, or have the weight 0");
  }

  get nextLength(): number {
    return this.chunks[this.cursor]?.lengths[0] ?? 0;
  }

  get nextBatchSize(): number {
    return this.chunks[this.cursor]?.lengths.length ?? 0;
  }

  get nextLengths(): readonly number[] | undefined {
    const { lengths = [] } = this.chunks[this.cursor] ?? {};
    return lengths.at(-1) === lengths[0] ? undefined : lengths;
  }

  get nextSteps(): number {
    return this.chunks[this.cursor]?.steps ?? 0;
  }

  get nextPredictions(): number {
    return this.chunks[this.cursor]?.predictions ?? 0;
  }

  mostSteps(count: number): number {
    return sum(this.sorted.slice(0, count));
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

  /** The index of sequence b of the next chunk among all examples. */
  indexOf(b: number): number {
    return this.chunks[this.cursor]!.indices[b]!;
  }

  write(memory: BatchMemory, plan: BatchPlan, { from, to, first, stride, count }: Slice): void {
    const { input, returnSequences } = this.spec;
    const { packing } = plan;
    const rowOf = packing ? (t: number, b: number) => packing.row(t, b) : (t: number, b: number) => t * count + b;
    // With one target per sequence, those that go on after the slice have none yet. They are the first ones.
    let waiting = 0;
    for (let b = 0; b < count; b++) {
      const index = this.indexOf(first + b * stride);
      const { inputs, targets } = this.examples[index]!;
      const length = this.lengths[index]!;
      const end = Math.min(to, length);
      for (let t = from; t < end; t++) {
        const row = rowOf(t - from, b);
        writeRow(memory, plan.inputs, input, inputs, t, row);
        if (returnSequences) this.writeTarget(memory, plan, targets, t, row, index);
      }
      if (returnSequences) continue;
      if (length > to) waiting++;
      else this.writeTarget(memory, plan, targets, 0, b - waiting, index);
    }
  }

  advance(): void {
    this.cursor++;
  }

  private writeTarget(
    memory: BatchMemory,
    plan: BatchPlan,
    targets: ArrayLike<number>,
    t: number,
    row: number,
    index: number,
  ): void {
    writeRow(memory, plan.targets, this.spec.output, targets, t, row);
    if (plan.weights) memory.floats[plan.weights / 4 + row] = this.weightOf(targets[t]!, this.examples[index]!.weight);
  }

  private weightOf(target: number, weight: number): number {
    return weight * (target >= 0 ? (this.classWeights[target] ?? 1) : 1);
  }

  private predictionsOf({ targets, weight }: Sequence): number {
    const { kind, size } = this.spec.output;
    let total = 0;
    if (kind === "continuous") {
      for (let i = 0; i < targets.length; i++) if (!Number.isNaN(targets[i]!)) total++;
      return (weight * total) / size;
    }
    if (!this.weighted) {
      for (let i = 0; i < targets.length; i++) if (targets[i] !== IGNORED) total++;
      return total;
    }
    for (let i = 0; i < targets.length; i++)
      if (targets[i] !== IGNORED) total += Math.fround(this.weightOf(targets[i]!, weight));
    return total;
  }

  /** Chunks in the order given, each sorted by length. */
  private chunksOf(order: readonly number[]): Chunk[] {
    const { batchSize } = this;
    const chunks: Chunk[] = [];
    for (let i = 0; i < order.length; i += batchSize) {
      const indices = order.slice(i, i + batchSize).sort((a, b) => this.lengths[b]! - this.lengths[a]!);
      const lengths = indices.map((index) => this.lengths[index]!);
      const predictions = sum(indices.map((index) => this.predictions[index]!));
      chunks.push({ indices, lengths, steps: sum(lengths), predictions });
    }
    return chunks;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

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
    if (example instanceof DerivedExample) return example;
    const { inputs, targets, weight = 1 } = example ?? {};
    if (!isList(inputs) || !isList(targets))
      throw new InputError(`example ${i}: expected { inputs, targets }, each an array of numbers`);
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
    const expected = (returnSequences ? T : 1) * widthOf(output);
    if (sequence.targets.length !== expected)
      throw new InputError(`example ${i}: expected ${expected} targets for ${T} steps, got ${sequence.targets.length}`);
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
