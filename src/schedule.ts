import { cosPi, integerPower } from "./exact-math.js";

/**
 * How the learning rate moves in the course of training:
 *
 * - `constant`: stays
 * - `step`: is multiplied by `decayRate` every `decayEpochs` epochs
 * - `cosine`: falls from the learning rate to `finalLearningRate` along half a cosine (Loshchilov and Hutter 2017)
 *
 * With each, the first `warmupSteps` updates raise it from zero in equal steps.
 */
export type Schedule = "constant" | "step" | "cosine";

export const SCHEDULES = ["constant", "step", "cosine"] as const satisfies readonly Schedule[];

export interface ScheduleConfig {
  readonly schedule: Schedule;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly decayRate: number;
  readonly decayEpochs: number;
  readonly finalLearningRate: number;
  /** Epochs over which `cosine` falls. */
  readonly scheduleEpochs: number;
}

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
    return config.finalLearningRate + (learningRate - config.finalLearningRate) * 0.5 * (1 + cosPi(share));
  }
  return learningRate;
}
