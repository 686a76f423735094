import { expect } from "vitest";
import { Random } from "../internals/common.js";

/** A file of some kilobytes takes a millisecond. */
const MOST_MILLISECONDS = 1000;
const MIB = 2 ** 20;
/** Inputs until the engine has compiled what runs often, and the process is as large as it stays. */
const WARM_UP = 40;

/** Inputs between two looks at what the process has used, which take as long as many an input. */
const BATCH = 20;

/** Milliseconds of its processor that this process has used, which do not pass while it waits; a page knows only the time of day. */
function processorTime(): number {
  const usage = globalThis.process?.cpuUsage?.();
  return usage ? (usage.user + usage.system) / 1000 : performance.now();
}

/** The most memory that this process has ever had, in MiB; in a page nobody knows. */
const peak = (): number => (globalThis.process?.resourceUsage?.().maxRSS ?? 0) / 1024;

/** A reader, and what is done to it. */
export interface Trial {
  readonly files: readonly Uint8Array[];
  /** Files that were once read wrongly: every other one that is damaged is one of these, unless there are none. */
  readonly corpus?: readonly Uint8Array[];
  /** Damages a copy of a file. */
  readonly damage: (file: Uint8Array, random: Random) => Uint8Array;
  readonly read: (bytes: Uint8Array, random: Random) => unknown;
  /** Whether an error is one that the reader refuses a file with. */
  readonly isRefusal: (error: unknown) => boolean;
  /** The most processor time that a file may take. Default a second. */
  readonly milliseconds?: number;
}

/**
 * Gives a reader damaged files, each of which it has to read or refuse, within a second of processor time, and without taking more
 * memory than ten times the file and 64 MiB.
 *
 * @param from the first seed
 * @returns the share that was read of the files that were sound before
 */
export async function survive(trial: Trial, from: number, runs: number): Promise<number> {
  const { milliseconds = MOST_MILLISECONDS } = trial;
  let [wasSound, wasRead] = [0, 0];
  let [before, first, largest] = [peak(), from, 0];
  for (let seed = from; seed < from + runs; seed++) {
    const { isSound, isRead, length } = await inTime(milliseconds, `seed ${seed}`, () => tryOne(trial, seed));
    if (isSound) wasSound++;
    if (isSound && isRead) wasRead++;
    largest = Math.max(largest, length);
    if (seed + 1 - first < BATCH && seed + 1 < from + runs) continue;
    const now = peak();
    if (seed - from > WARM_UP && now - before > 64 + (10 * largest) / MIB)
      expect.fail(
        `one of the seeds ${first} to ${seed} took ${Math.round(now - before)} MiB for ${largest} bytes at most`,
      );
    [before, first, largest] = [now, seed + 1, 0];
  }
  return wasRead / wasSound;
}

/** Does something, and fails if that takes the processor longer than it may. */
export async function inTime<Result>(
  milliseconds: number,
  what: string,
  action: () => Promise<Result>,
): Promise<Result> {
  const start = performance.now();
  const result = await action();
  if (performance.now() - start <= milliseconds) return result;
  // It may have waited for the processor: what it computes, it does again.
  const begin = processorTime();
  await action();
  const spent = processorTime() - begin;
  if (spent > milliseconds) expect.fail(`${what} took ${Math.round(spent)} ms`);
  return result;
}

/** Damages a file and reads it. */
async function tryOne({ files, corpus = [], damage, read, isRefusal }: Trial, seed: number) {
  const random = new Random(seed);
  const isSound = corpus.length === 0 || seed % 2 === 0;
  const from = isSound ? files : corpus;
  const bytes = damage(from[(corpus.length === 0 ? seed : seed >>> 1) % from.length]!, random);
  const { length } = bytes;
  try {
    await read(bytes, random);
    return { isSound, isRead: true, length };
  } catch (error) {
    if (!isRefusal(error)) throw new Error(`damaged with seed ${seed}`, { cause: error });
    return { isSound, isRead: false, length };
  }
}
