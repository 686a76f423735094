import { unzipSync, zipSync } from "fflate";
import { expect, inject, test } from "vitest";
import { fixture } from "../bytes.js";
import { mutate, mutateBlindly } from "../checkpoint/mutate.js";
import { CheckpointError } from "../internals/checkpoint.js";
import { Random } from "../internals/common.js";
import { ConversionError, type ImportOptions, importModel } from "../internals/convert.js";
import { besideFixture } from "./compare.js";

// FUZZ_RUNS=100000 npm test -- test/convert/fuzz
const RUNS = inject("fuzzRuns") || 300;
/** A file of some kilobytes takes a millisecond. */
const MOST_MILLISECONDS = 1000;

type Damage = (file: Uint8Array, random: Random) => Uint8Array;

interface Subject {
  readonly file: string;
  readonly damage: Damage;
  readonly options?: (random: Random) => ImportOptions;
}

/** Damages a file within a ZIP archive that is sound. */
const within =
  (name: RegExp, damage: Damage = mutateBlindly): Damage =>
  (file, random) => {
    const files = Object.entries(unzipSync(file));
    return zipSync(
      Object.fromEntries(files.map(([path, bytes]) => [path, name.test(path) ? damage(bytes, random) : bytes])),
      { level: 0 },
    );
  };

const whole: Damage = (file) => file;
const ml5 = (name: string) => besideFixture("ml5")(name).catch(() => undefined);

const SUBJECTS: Readonly<Record<string, Subject>> = {
  safetensors: { file: "pytorch-tokens.safetensors", damage: mutate },
  "a .pt": { file: "pytorch-tokens.pt", damage: mutateBlindly },
  "the pickle of a .pt": { file: "pytorch-checkpoint.pt", damage: within(/data\.pkl$/) },
  "an ml5 manifest": { file: "ml5/manifest.json", damage: mutateBlindly, options: () => ({ beside: ml5 }) },
  "an ml5 vocabulary": {
    file: "ml5/manifest.json",
    damage: whole,
    options: (random) => ({
      beside: async (name) => (name === "vocab.json" ? mutateBlindly((await ml5(name))!, random) : ml5(name)),
    }),
  },
};

test.each(Object.entries(SUBJECTS))(
  `%s: ${RUNS} damaged files are each read or refused, in time`,
  {
    timeout: 30_000 + 20 * RUNS,
  },
  async (_, { file, damage, options = () => ({}) }) => {
    const bytes = await fixture(`convert/${file}`);
    let read = 0;
    for (let seed = 0; seed < RUNS; seed++) {
      const random = new Random(seed);
      const damaged = damage(bytes, random);
      const start = performance.now();
      try {
        (await importModel(damaged, { backend: "javascript", ...options(random) })).free();
        read++;
      } catch (error) {
        if (!(error instanceof ConversionError || error instanceof CheckpointError))
          throw new Error(`damaged with seed ${seed}`, { cause: error });
      }
      expect(performance.now() - start, `seed ${seed}`).toBeLessThan(MOST_MILLISECONDS);
    }
    // Otherwise the damage is too great, or too small, to test anything.
    expect(read / RUNS).toBeGreaterThan(0.005);
    expect(read / RUNS).toBeLessThan(0.95);
  },
);
