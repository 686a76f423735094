import type { LearningRate } from "../optim/schedule.js";
import type { GradientSources } from "./gradient-source.js";
import type { TrainConfig } from "./options.js";
import { SingleShard } from "./single-shard.js";

/** What a run's options choose from. Only what all runs need is at hand; the rest is fetched. */
export interface Methods {
  readonly Gradients: GradientSources;
  readonly learningRateAt: LearningRate;
}

/** @param isShared whether several processes take part in the run */
export async function methodsOf(config: TrainConfig, isShared = false): Promise<Methods> {
  const isSplit = config.gradientShards > 1 || isShared;
  const isConstant = config.schedule === "constant" && config.warmupSteps === 0;
  return {
    Gradients: isSplit ? (await import("./data-parallel.js")).DataParallel : SingleShard,
    learningRateAt: isConstant
      ? ({ learningRate }) => learningRate
      : (await import("../optim/learning-rate.js")).learningRateAt,
  };
}
