import { BoundedCache } from "../common/bounded-cache.js";
import { LstmError } from "../common/errors.js";
import type { Engine } from "../engine/engine.js";
import type { ComputedShards } from "../training/process-group.js";
import { treeReduction } from "../training/reduction.js";
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
  private readonly plans = new BoundedCache<SumPlan>();

  constructor(private readonly communicator: Communicator) {}

  /** Bytes of memory for buffers of so many floats, for batches of up to so many shards. */
  bytesFor(length: number, shards: number): number {
    const { rank, size } = this.communicator.mpi;
    const received = Array.from(
      { length: shards },
      (_, i) => subtrees(i + 1, size).filter((part) => part.rank !== rank).length,
    );
    return 4 * sliceStride(length, size) * Math.max(...received);
  }

  /** The first of the gradients receives the sum. */
  async add({ engine, losses, own, gradients, memory }: ComputedShards): Promise<void> {
    const { communicator } = this;
    const { mpi } = communicator;
    const { kernels, floats, table } = engine;
    const { length } = table;
    const plan = this.plans.get(`${losses.length} ${length}`, () => planSum(mpi, losses.length, length));
    const at = (shard: number) => gradients[shard - own.start]!;
    const view = (address: number) => floats.subarray(address / 4, address / 4 + length);
    for (const { start, end } of plan.own)
      treeReduction.reduce(kernels, gradients.slice(start - own.start, end - own.start), length);
    if (mpi.size === 1) return;

    const received = floats.subarray(memory / 4, memory / 4 + plan.received);
    const requests: Request[] = plan.rounds.map(({ sent, received: parts }, i) =>
      mpi.allToAll(view(plan.own[i] ? at(plan.own[i].start) : gradients[0]!), sent, received, parts),
    );
    await communicator.wait(...requests);
    checkMemory(engine, floats);
    const { counts, starts } = plan.slices;
    const [count, start] = [counts[mpi.rank]!, starts[mpi.rank]!];
    // The slice of each subtree: of its own where they were computed, of the others where they were received.
    const addresses = new Map(plan.own.map((part) => [part.start, at(part.start) + 4 * start]));
    for (const [shard, offset] of plan.offsets) addresses.set(shard, memory + 4 * offset);
    for (const [first, second] of plan.additions) kernels.add(addresses.get(first)!, addresses.get(second)!, count);
    const sum = addresses.get(0)! / 4;
    floats.copyWithin(gradients[0]! / 4 + start, sum, sum + count);
    await communicator.wait(mpi.allGatherInPlace(view(gradients[0]!), plan.slices));
    checkMemory(engine, floats);
  }
}

/** @throws LstmError if memory has grown into another place, which only the backend `javascript` does */
function checkMemory(engine: Engine, floats: Float32Array): void {
  if (engine.floats.buffer !== floats.buffer)
    throw new LstmError("the model's memory grew during a step of several processes: do not use it meanwhile");
}

/** Who sends what to whom. */
interface SumPlan {
  /** The parts of the tree that this rank computes. */
  readonly own: readonly Subtree[];
  /** The slices of a flat buffer, of which a rank sums its own. */
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
