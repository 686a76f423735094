import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createClassifier, evaluateClassifier, parseTs, trainClassifier } from "../../src/classify.js";

/** A folder with JapaneseVowels_TRAIN.ts and JapaneseVowels_TEST.ts of timeseriesclassification.com. */
const FOLDER = process.env["JAPANESE_VOWELS"];
const LIMIT = 600_000;

test.skipIf(FOLDER === undefined)(
  `Japanese Vowels: a median of 97 % or more, without a flag${FOLDER ? "" : " (SKIPPED: JAPANESE_VOWELS names no folder)"}`,
  { timeout: LIMIT },
  async () => {
    const read = (part: string) => parseTs(readFileSync(join(FOLDER!, `JapaneseVowels_${part}.ts`), "utf8"));
    const [training, unseen] = [read("TRAIN"), read("TEST")];
    expect([training.sequences.length, unseen.sequences.length, training.dimensions.length]).toEqual([270, 370, 12]);
    const accuracies: number[] = [];
    for (const seed of [1, 2, 3, 4, 5]) {
      const model = await createClassifier(training, { seed, backend: "simd" });
      await trainClassifier(model, training);
      accuracies.push((await evaluateClassifier(model, unseen)).accuracy!);
      model.free();
    }
    console.log(`accuracy on the test part, seeds 1 to 5: ${accuracies.map((share) => share.toFixed(4)).join(", ")}`);
    expect(accuracies.sort((a, b) => a - b)[2]).toBeGreaterThanOrEqual(0.97);
  },
);
