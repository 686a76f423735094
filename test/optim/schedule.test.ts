import { describe, expect, test } from "vitest";
import { learningRateAt, type ScheduleConfig } from "../internals/optim.js";

const STEPS_PER_EPOCH = 10;
const base: ScheduleConfig = {
  schedule: "constant",
  learningRate: 0.1,
  warmupSteps: 0,
  decayRate: 0.5,
  decayEpochs: 2,
  minLearningRate: 0.02,
  scheduleEpochs: 4,
};

const rates = (config: Partial<ScheduleConfig>, ...steps: number[]) =>
  steps.map((step) => learningRateAt({ ...base, ...config }, step, STEPS_PER_EPOCH));

test("constant stays", () => {
  expect(rates({}, 1, 17, 1e6)).toEqual([0.1, 0.1, 0.1]);
});

test("step is halved after every second epoch", () => {
  expect(rates({ schedule: "step" }, 1, 20, 21, 40, 41)).toEqual([0.1, 0.1, 0.05, 0.05, 0.025]);
});

describe("cosine", () => {
  test("decays from the learning rate to the final one, halfway in the middle, and stays there", () => {
    const [first, middle, last, after] = rates({ schedule: "cosine" }, 1, 20, 40, 1000);
    expect(first).toBeCloseTo(0.1, 3);
    expect(middle).toBeCloseTo(0.06, 12);
    expect(last).toBeCloseTo(0.02, 12);
    expect(after).toBeCloseTo(0.02, 12);
  });

  test("starts to decay after the warm-up", () => {
    const [end, middle] = rates({ schedule: "cosine", warmupSteps: 20 }, 20, 30);
    expect(end).toBe(0.1);
    expect(middle).toBeCloseTo(0.06, 12);
  });
});

test("warm-up rises linearly to the learning rate", () => {
  const rising = rates({ warmupSteps: 4 }, 1, 2, 3, 4, 5);
  for (const [i, expected] of [0.025, 0.05, 0.075, 0.1, 0.1].entries()) expect(rising[i]).toBeCloseTo(expected, 12);
});
