import { BoundedCache } from "../common/bounded-cache.js";
import { LstmError } from "../common/errors.js";
import type { ComputedShards } from "../training/process-group.js";
import { treeReduction } from "../training/reduction.js";
import type { Range } from "../training/split.js";
import type { Communicator } from "./communicator.js";
import { type Mpi, type Parts, partsOf, type Request } from "./mpi.js";
import { additions, type Subtree, subtrees } from "./tree.js";

/** Floats in a cache line. */
const LINE = 16;

/** Float k of the first of so many slices of a flat buffer, which are whole vectors of four. */
const sliceStart = (length: number, slices: number, k: number): number => 4 * Math.floor(((length / 4) * k) / slices);

/** Floats in the longest slice, rounded up to a whole cache line. */
const sliceStride = (length: number, slices: number): number =>
  LINE * Math.ceil((4 * Math.ceil(length / 4 / slices)) / LINE);

/**
 * Adds up gradients across ranks in the tree of {@link treeReduction}, so that the sum has the same bits whoever computed
 * which shard. Each rank adds up what it can alone, and sends slice k of that to rank k, which finishes the sum of this slice
 * and gives it to all. So a rank sends and receives about twice the gradients, however many ranks there are.
 */
export class DistributedSum {
  private readonly plans = new BoundedCache<SumPlan>(64);

  constructor(private readonly communicator: Communicator) {}

  /** Bytes of memory for segments of gradients, for batches of up to so many shards. */
  bytesFor(segments: readonly Range[], shards: number): number {
    const { rank, size } = this.communicator.mpi;
    const received = Array.from(
      { length: shards },
      (_, i) => subtrees(i + 1, size).filter((part) => part.rank !== rank).length,
    );
    const strides = segments.map(({ start, end }) => sliceStride(end - start, size));
    return 4 * Math.max(...received) * strides.reduce((sum, stride) => sum + stride, 0);
  }

  /** The sum of a step's gradients, segment by segment. */
  of(step: ComputedShards): StepSum {
    const { mpi } = this.communicator;
    const total = step.losses.length;
    return new StepSum(this.communicator, step, ({ start, end }) =>
      this.plans.get(`${total} ${start} ${end}`, () => planSum(mpi, total, end - start)),
    );
  }
}

/** A segment on its way: slices are being sent to the ranks that add them up, or their sums to all. */
interface SegmentOnItsWay {
  readonly plan: SumPlan;
  /** Addresses: of the segment in the gradients of each own shard, and of what is received. */
  readonly gradients: readonly number[];
  readonly memory: number;
  readonly sent: readonly Request[];
  gathered: Request | undefined;
}

/** The sum of the gradients of a step, which goes on while this rank computes. */
export class StepSum {
  private readonly segments: SegmentOnItsWay[] = [];
  private readonly floats: Float32Array;
  private memory: number;

  constructor(
    private readonly communicator: Communicator,
    private readonly step: ComputedShards,
    private readonly planOf: (segment: Range) => SumPlan,
  ) {
    this.floats = step.engine.floats;
    this.memory = step.memory;
  }

  /** Begins with a segment that is complete in this rank. */
  begin(segment: Range): void {
    const { step, memory, communicator } = this;
    const { engine, own } = step;
    const { mpi } = communicator;
    const plan = this.planOf(segment);
    const length = segment.end - segment.start;
    const gradients = step.gradients.map((address) => address + 4 * segment.start);
    for (const { start, end } of plan.own)
      treeReduction.reduce(engine.kernels, gradients.slice(start - own.start, end - own.start), length);
    if (mpi.size === 1) return;
    const received = this.view(memory, plan.received);
    const sent = plan.rounds.map((round, i) => {
      const address = plan.own[i] ? gradients[plan.own[i].start - own.start]! : gradients[0]!;
      return mpi.allToAll(this.view(address, length), round.sent, received, round.received);
    });
    this.segments.push({ plan, gradients, memory, sent, gathered: undefined });
    this.memory += 4 * plan.received;
  }

  /** Goes on as far as there is nothing to wait for. In the order of the segments, which is that of all ranks. */
  advance(): void {
    const { mpi } = this.communicator;
    for (const segment of this.segments) {
      if (segment.gathered) mpi.isDone(segment.gathered);
      else if (segment.sent.every((request) => mpi.isDone(request))) this.addUp(segment);
      else return;
    }
  }

  async finish(): Promise<void> {
    const { communicator, segments } = this;
    for (const segment of segments) {
      if (segment.gathered) continue;
      await communicator.wait(...segment.sent);
      this.addUp(segment);
    }
    await communicator.wait(...segments.map(({ gathered }) => gathered!));
    this.checkMemory();
  }

  /** Finishes the sum of this rank's slice, and begins to give it to all. */
  private addUp(segment: SegmentOnItsWay): void {
    this.checkMemory();
    const { floats, step, communicator } = this;
    const { plan, gradients, memory } = segment;
    const { mpi } = communicator;
    const { counts, starts } = plan.slices;
    const [count, start] = [counts[mpi.rank]!, starts[mpi.rank]!];
    // The slice of each subtree: of its own where they were computed, of the others where they were received.
    const addresses = new Map(
      plan.own.map((part) => [part.start, gradients[part.start - step.own.start]! + 4 * start] as const),
    );
    for (const [shard, offset] of plan.offsets) addresses.set(shard, memory + 4 * offset);
    for (const [first, second] of plan.additions)
      step.engine.kernels.add(addresses.get(first)!, addresses.get(second)!, count);
    const sum = addresses.get(0)! / 4;
    floats.copyWithin(gradients[0]! / 4 + start, sum, sum + count);
    segment.gathered = mpi.allGatherInPlace(this.view(gradients[0]!, plan.length), plan.slices);
  }

  private view(address: number, length: number): Float32Array {
    return this.floats.subarray(address / 4, address / 4 + length);
  }

  /** @throws LstmError if memory has grown into another place, which only the backend `javascript` does */
  private checkMemory(): void {
    if (this.step.engine.floats.buffer !== this.floats.buffer)
      throw new LstmError("the model's memory grew during a step of several processes: do not use it meanwhile");
  }
}

/** Who sends what of a segment to whom. */
interface SumPlan {
  /** Floats of the segment. */
  readonly length: number;
  /** The parts of the tree that this rank computes. */
  readonly own: readonly Subtree[];
  /** The slices of the segment, of which a rank sums its own. */
  readonly slices: Parts;
  /** In round i, each rank sends the slices of its i-th subtree. */
  readonly rounds: readonly { readonly sent: Parts; readonly received: Parts }[];
  /** Floats received in all. */
  readonly received: number;
  /** Where among these the slice of each other subtree is, by its first shard. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly additions: readonly (readonly [number, number])[];
}

function planSum({ rank, size }: Mpi, total: number, length: number): SumPlan {
  const parts = subtrees(total, size);
  const of = (owner: number) => parts.filter((part) => part.rank === owner);
  const own = of(rank);
  const others = parts.filter((part) => part.rank !== rank);
  const stride = sliceStride(length, size);
  const offsets = new Map(others.map(({ start }, i) => [start, i * stride]));
  const starts = (k: number) => sliceStart(length, size, k);
  const slices = partsOf(size, (k) => ({ start: starts(k), count: starts(k + 1) - starts(k) }));
  const rounds = Math.max(...Array.from({ length: size }, (_, r) => of(r).length));
  const nothing = { start: 0, count: 0 };
  return {
    length,
    own,
    slices,
    rounds: Array.from({ length: rounds }, (_, i) => ({
      sent: partsOf(size, (k) =>
        own[i] && k !== rank ? { start: slices.starts[k]!, count: slices.counts[k]! } : nothing,
      ),
      received: partsOf(size, (r) => {
        const part = of(r)[i];
        return part && r !== rank ? { start: offsets.get(part.start)!, count: slices.counts[rank]! } : nothing;
      }),
    })),
    received: others.length * stride,
    offsets,
    additions: additions(parts, total),
  };
}
