import { InputError } from "../common/errors.js";
import { Random } from "../common/random.js";
import { padded } from "../kernels/kernels.js";
import type { BatchBuffer, Batches } from "./batches.js";

/** One sequence and its targets. */
export interface Example {
  /** Tokens [T], or vectors [T, inputSize], concatenated. */
  readonly inputs: ArrayLike<number>;
  /** A token or class, or a vector [outputSize], per output: [T, …], or […] with `returnSequences: false`. */
  readonly targets: ArrayLike<number>;
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

  /** @throws InputError for no examples, or one with invalid inputs or targets */
  constructor(
    private readonly examples: readonly Example[],
    batchSize: number,
    private readonly input: FeatureSpec,
    private readonly output: FeatureSpec,
    readonly returnSequences: boolean,
  ) {
    if (examples.length === 0) throw new InputError("expected at least one example, got none");
    this.lengths = examples.map((example, i) => checkedLength(example, i, input, output, returnSequences));
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

  writeNext(room: BatchBuffer): void {
    const { input, output, returnSequences } = this;
    const chunk = this.chunks[this.cursor]!;
    const T = this.nextLength;
    const B = chunk.length;
    for (const [b, index] of chunk.entries()) {
      const { inputs, targets } = this.examples[index]!;
      writeSequence(room, room.inputs, input, inputs, T, B, b);
      writeSequence(room, room.targets, output, targets, returnSequences ? T : 1, B, b);
    }
    this.cursor++;
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

/** Writes sequence b into a time-major chunk: [steps, B] integers, or [steps, B, size padded] floats. */
export function writeSequence(
  { integers, floats }: Pick<BatchBuffer, "integers" | "floats">,
  address: number,
  { kind, size }: FeatureSpec,
  numbers: ArrayLike<number>,
  steps: number,
  B: number,
  b: number,
): void {
  const start = address / 4;
  if (kind === "categorical") {
    for (let t = 0; t < steps; t++) integers[start + t * B + b] = numbers[t]!;
    return;
  }
  const stride = padded(size);
  for (let t = 0; t < steps; t++) {
    const row = start + (t * B + b) * stride;
    for (let i = 0; i < size; i++) floats[row + i] = numbers[t * size + i]!;
    floats.fill(0, row + size, row + stride);
  }
}

/** Validates an example, and returns its number of steps. */
function checkedLength(
  example: Example,
  index: number,
  input: FeatureSpec,
  output: FeatureSpec,
  returnSequences: boolean,
): number {
  const { inputs, targets } = example ?? {};
  if (typeof inputs?.length !== "number" || typeof targets?.length !== "number")
    throw new InputError(`example ${index}: expected { inputs, targets }, each an array of numbers`);
  const width = input.kind === "continuous" ? input.size : 1;
  const T = inputs.length / width;
  if (!Number.isInteger(T) || T === 0)
    throw new InputError(
      `example ${index}: expected a positive multiple of ${width} inputs, got ${inputs.length} numbers`,
    );
  const expected = (returnSequences ? T : 1) * (output.kind === "continuous" ? output.size : 1);
  if (targets.length !== expected)
    throw new InputError(`example ${index}: expected ${expected} targets for ${T} steps, got ${targets.length}`);
  check(inputs, input, `example ${index}, inputs`);
  check(targets, output, `example ${index}, targets`);
  return T;
}

/** @throws InputError for an invalid token, or a value that is not finite */
export function check(numbers: ArrayLike<number>, { kind, size }: FeatureSpec, where: string): void {
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    const isToken = Number.isInteger(number) && number >= 0 && number < size;
    if (kind === "categorical" ? isToken : Number.isFinite(Math.fround(number))) continue;
    const expected = kind === "categorical" ? `an integer from 0 to ${size - 1}` : "a finite number";
    throw new InputError(`${where}[${i}]: expected ${expected}, got ${number}`);
  }
}
