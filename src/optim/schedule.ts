import { cosPi, integerPower } from "../common/exact-math.js";
import { choice, integer, number, type SettledOptions } from "../common/options.js";

/**
 * How the learning rate changes over the course of training:
 *
 * - `constant`: not at all
 * - `step`: multiplied by `decayRate` every `decayEpochs` epochs
 * - `cosine`: falls from the learning rate to `minLearningRate` along half a cosine (Loshchilov and Hutter 2017)
 *
 * Whichever it is, the first `warmupSteps` updates raise it from zero in equal steps.
 */
export type Schedule = "constant" | "step" | "cosine";

export const SCHEDULES = ["constant", "step", "cosine"] as const satisfies readonly Schedule[];

/** The options of the learning rate's schedule. */
export const SCHEDULE_OPTIONS = {
  /** How the learning rate changes over the course of training. */
  schedule: choice(SCHEDULES, { default: "constant" }),
  /** Updates over which the learning rate rises from zero. */
  warmupSteps: integer({ default: 0, min: 0 }),
  /** What the step schedule multiplies the learning rate by. */
  decayRate: number({ default: 0.5, above: 0, requires: { schedule: ["step"] } }),
  /** Epochs between two decays of the step schedule. */
  decayEpochs: integer({ default: 1, min: 1, requires: { schedule: ["step"] } }),
  /** Where the cosine schedule ends. */
  minLearningRate: number({ default: 0, min: 0, requires: { schedule: ["cosine"] } }),
  /** Epochs over which the cosine schedule falls. Default: all epochs. */
  scheduleEpochs: integer({ default: ({ epochs }) => Number(epochs), min: 1, requires: { schedule: ["cosine"] } }),
};

/** What decides the learning rate. */
export type ScheduleConfig = SettledOptions<typeof SCHEDULE_OPTIONS> & { readonly learningRate: number };

/**
 * The learning rate of one update.
 *
 * @param step counted from 1
 * @param stepsPerEpoch updates in an epoch
 */
export function learningRateAt(config: ScheduleConfig, step: number, stepsPerEpoch: number): number {
  const { schedule, learningRate, warmupSteps } = config;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  if (schedule === "step") {
    const epochsDone = Math.floor((step - 1) / stepsPerEpoch);
    return learningRate * integerPower(config.decayRate, Math.floor(epochsDone / config.decayEpochs));
  }
  if (schedule === "cosine") {
    const total = config.scheduleEpochs * stepsPerEpoch - warmupSteps;
    const share = Math.min(1, (step - warmupSteps) / Math.max(1, total));
    return config.minLearningRate + (learningRate - config.minLearningRate) * 0.5 * (1 + cosPi(share));
  }
  return learningRate;
}
