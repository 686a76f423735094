import { choice, integer, number, type OptionSpec, type SettledOptions } from "../common/options.js";

/**
 * Learning rate schedules:
 *
 * - `constant`: not at all
 * - `step`: multiplied by `decayRate` every `decayEpochs` epochs
 * - `cosine`: falls from the learning rate to `minLearningRate` along half a cosine (Loshchilov and Hutter 2017)
 *
 * With any of them, it first rises linearly from zero over `warmupSteps` updates.
 */
export type Schedule = "constant" | "step" | "cosine";

export const SCHEDULES = ["constant", "step", "cosine"] as const satisfies readonly Schedule[];

/**
 * A schedule of one's own: the learning rate of an update.
 *
 * @param step of the run, counted from 1
 * @param epoch counted from 1
 */
export type ScheduleFunction = (step: number, epoch: number) => number;

/** What stands for a {@link ScheduleFunction} where it cannot be kept. */
export const CUSTOM_SCHEDULE = "custom";

const named = choice([...SCHEDULES, CUSTOM_SCHEDULE], { default: "constant" });

/** Options of the learning rate schedule. */
export const SCHEDULE_OPTIONS = {
  /** Learning rate schedule. */
  schedule: {
    ...named,
    choices: SCHEDULES,
    check: (option: string, value: unknown) =>
      typeof value === "function" ? (value as ScheduleFunction) : named.check(option, value),
  } as OptionSpec<Schedule | typeof CUSTOM_SCHEDULE | ScheduleFunction>,
  /** Updates over which the learning rate rises linearly from zero. */
  warmupSteps: integer({ default: 0, min: 0 }),
  /** Factor of the step schedule. */
  decayRate: number({ default: 0.5, above: 0, requires: { schedule: ["step"] } }),
  /** Epochs between decays of the step schedule. */
  decayEpochs: integer({ default: 1, min: 1, requires: { schedule: ["step"] } }),
  /** Final learning rate of the cosine schedule. */
  minLearningRate: number({ default: 0, min: 0, requires: { schedule: ["cosine"] } }),
  /** Epochs over which the cosine schedule decays. Default: all epochs. */
  scheduleEpochs: integer({ default: ({ epochs }) => Number(epochs), min: 1, requires: { schedule: ["cosine"] } }),
};

/** The options that determine the learning rate. */
export type ScheduleConfig = SettledOptions<typeof SCHEDULE_OPTIONS> & { readonly learningRate: number };

/**
 * The learning rate of an update.
 *
 * @param step counted from 1
 * @param stepsPerEpoch updates in an epoch
 */
export type LearningRate = (config: ScheduleConfig, step: number, stepsPerEpoch: number) => number;
