import { expect, inject, test } from "vitest";
import { survive } from "../fuzz/survive.js";
import { SUBJECTS, trialOf } from "./damaged.js";

// npm run fuzz -- --runs 1000000 convert
const RUNS = inject("fuzzRuns") || 80;
const FROM = inject("fuzzFrom");

test.each(Object.entries(SUBJECTS))(
  `%s: ${RUNS} damaged files are each read or refused, in time and memory`,
  {
    timeout: 30_000 + 20 * RUNS,
  },
  async (_, subject) => {
    const share = await survive(await trialOf(subject), FROM, RUNS);
    // Otherwise the damage is too great, or too small, to test anything.
    expect(share).toBeGreaterThan(0.005);
    expect(share).toBeLessThan(0.95);
  },
);
