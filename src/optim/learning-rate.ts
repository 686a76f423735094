import { OptionError } from "../common/errors.js";
import { cosPi } from "../common/exact-cosine.js";
import { integerPower } from "../common/exact-math.js";
import type { ScheduleConfig } from "./schedule.js";

// Fetched by runs whose learning rate changes.

/**
 * The learning rate of one update, of any schedule.
 *
 * @param step counted from 1
 * @param stepsPerEpoch updates in an epoch
 */
export function learningRateAt(config: ScheduleConfig, step: number, stepsPerEpoch: number): number {
  const { schedule, learningRate, warmupSteps } = config;
  if (typeof schedule === "function") {
    const rate: unknown = schedule(step, Math.ceil(step / stepsPerEpoch));
    if (typeof rate === "number" && rate >= 0 && rate < Number.POSITIVE_INFINITY) return rate;
    throw new OptionError("schedule", `a learning rate of at least 0 for step ${step}`, rate);
  }
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
