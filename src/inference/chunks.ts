import type { TimeSlice } from "../common/event-loop.js";
import type { Batches, Slice } from "../data/batches.js";
import { loadState, storeState } from "../engine/forward.js";
import type { Pass } from "../engine/pass.js";
import type { Model } from "../model/model.js";
import type { PassPlan } from "../network/plan.js";
import { partCount } from "./part-count.js";
import { ALONE, type Place } from "./process-group.js";
import { sliceBytes } from "./slice-bytes.js";
import { planSlice, slicesOf } from "./slices.js";
import { Team } from "./team.js";

/** Which of a chunk's sequences a pass has, and from which step on: its b-th one is `first + stride · b`. */
export type PassPlace = Pick<Slice, "from" | "first" | "stride">;

/** How chunks are computed. */
export interface ChunkOptions {
  readonly timeSlice: TimeSlice;
  /**
   * Splits those of many sequences into parts, which threads share. Their number depends on the batch alone: so does the order of
   * the callbacks, and the bits of a sum over them.
   */
  readonly parts?: {
    /** 0 takes as many as are useful. */
    readonly threads: number;
    /** Processes that share this host's threads. Default: this one. */
    readonly processes?: number | undefined;
    /** What is computed, for a warning. */
    readonly name: string;
    /** The process, among those that share the parts. */
    readonly place: Place;
  };
}

/**
 * Runs the model over all chunks, from a zero state, and passes the plan of each to a callback. Long chunks are run in slices,
 * so that the memory for activations is bounded.
 *
 * @param visit called for each pass of this process
 * @returns the process of each pass of all, in their order
 */
export async function forEachChunk(
  model: Model,
  batches: Batches,
  { timeSlice, parts: shared }: ChunkOptions,
  visit: (plan: PassPlan, place: PassPlace) => void,
): Promise<readonly number[]> {
  const { batchSize, returnSequences, weighted, chunkLength } = batches;
  const { engine, config } = model;
  const { place = ALONE, ...execution } = shared ?? { threads: 1, name: "" };
  const parts = shared ? partCount(batchSize) : 1;
  const ownerOf = (part: number) => part % place.size;
  const own = Math.max(1, Math.ceil((parts - place.rank) / place.size));
  const owners: number[] = [];
  // Plan first: the carried state may be as large as all that a step needs.
  engine.plan(1, Math.ceil(batchSize / parts));
  const states = Array.from({ length: parts }, (_, part) => engine.createState(Math.ceil((batchSize - part) / parts)));
  const most = new Array<number>(Math.ceil(batchSize / parts)).fill(chunkLength);
  const team = await Team.of(engine, {
    most: own,
    passes: own,
    passBytes: sliceBytes(engine, most, config.bidirectional, { returnSequences, weighted }),
    steps: (batches.chunksPerEpoch * batches.mostSteps(batchSize) * own) / parts,
    ...execution,
  });
  try {
    for (; batches.nextLength > 0; batches.advance()) {
      const { nextLength: T, nextBatchSize: B, nextLengths: all = new Array<number>(B).fill(T) } = batches;
      const shares = Array.from({ length: Math.min(parts, B) }, (_, part) => {
        const lengths = all.filter((_, b) => b % parts === part);
        if (!batches.continuous) states[part]!.fill(0);
        return { part, lengths, slices: slicesOf(lengths, config.bidirectional) };
      });
      while (shares.some(({ slices }) => slices.length > 0)) {
        if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
        const passes: Pass[] = [];
        for (const { part, lengths, slices } of shares) {
          const slice = slices.shift();
          if (!slice) continue;
          const isVisited = returnSequences || slice.ending > 0;
          if (isVisited) owners.push(ownerOf(part));
          if (ownerOf(part) !== place.rank) continue;
          const state = states[part]!;
          const within = { first: part, stride: parts };
          passes.push({
            plan: (address) => planSlice(engine, lengths, slice, { returnSequences, weighted }, address),
            write: (plan) => {
              batches.write(engine, plan, { ...slice, ...within });
              loadState(engine, plan, state, lengths.length);
            },
            take: (plan) => {
              storeState(engine, plan, state, lengths.length);
              if (isVisited) visit(plan, { from: slice.from, ...within });
            },
          });
        }
        await team.run(passes);
      }
    }
  } finally {
    team.free();
  }
  return owners;
}

/**
 * Adds up what was computed in passes, in the order of these, whoever computed them.
 *
 * @param parts of each process, `width` numbers for each of its passes
 * @param owners the process of each pass
 */
export function addInOrder(parts: readonly ArrayLike<number>[], owners: readonly number[], width: number): number[] {
  const next = parts.map(() => 0);
  const sums = new Array<number>(width).fill(0);
  for (const owner of owners) for (let k = 0; k < width; k++) sums[k]! += parts[owner]![next[owner]!++]!;
  return sums;
}
