import { expect } from "vitest";
import { Random } from "../internals/common.js";

/** A file of some kilobytes takes a millisecond. */
const MOST_MILLISECONDS = 1000;
const MIB = 2 ** 20;
/** Inputs until the engine has compiled what runs often, and the process is as large as it stays. */
const WARM_UP = 200;

/** The most memory that this process has ever had, in KiB; in a page nobody knows. */
const peak = (): number => globalThis.process?.resourceUsage?.().maxRSS ?? 0;

/** A reader, and what is done to it. */
export interface Trial {
  readonly files: readonly Uint8Array[];
  /** Damages a copy of a file. */
  readonly damage: (file: Uint8Array, random: Random) => Uint8Array;
  readonly read: (bytes: Uint8Array, random: Random) => unknown;
  /** Whether an error is one that the reader refuses a file with. */
  readonly isRefusal: (error: unknown) => boolean;
}

/**
 * Gives a reader damaged files, each of which it has to read or refuse, within a second, and without taking more memory than
 * ten times the file and 64 MiB.
 *
 * @param from the first seed
 * @returns the share of the files that were read
 */
export async function survive({ files, damage, read, isRefusal }: Trial, from: number, runs: number): Promise<number> {
  let wasRead = 0;
  for (let seed = from; seed < from + runs; seed++) {
    const random = new Random(seed);
    const bytes = damage(files[seed % files.length]!, random);
    const before = peak();
    const start = performance.now();
    try {
      await read(bytes, random);
      wasRead++;
    } catch (error) {
      if (!isRefusal(error)) throw new Error(`damaged with seed ${seed}`, { cause: error });
    }
    if (performance.now() - start > MOST_MILLISECONDS) expect.fail(`seed ${seed} took over a second`);
    const grown = (peak() - before) / 1024;
    if (seed - from > WARM_UP && grown > 64 + (10 * bytes.length) / MIB)
      expect.fail(`seed ${seed} took ${Math.round(grown)} MiB for ${bytes.length} bytes`);
  }
  return wasRead / runs;
}
