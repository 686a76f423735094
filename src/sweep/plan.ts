import { OptionError } from "../common/errors.js";
import { refuseUnknown, settle } from "../common/options.js";
import type { Digests } from "./data-files.js";
import { drawTrials, type Values } from "./draw.js";
import { SweepError } from "./errors.js";
import type { Identity } from "./journal.js";
import { type MetricName, metricOf } from "./metric.js";
import { SWEEP_OPTIONS, type SweepOptions, type SweepSettings } from "./options.js";
import { rungsOf } from "./rungs.js";
import { type Dimension, readSpace } from "./space.js";
import type { Schedule } from "./state.js";
import { TrainCommand } from "./train-command.js";

/** A sweep that is about to begin or to go on. */
export interface Plan extends Schedule {
  readonly settings: SweepSettings;
  readonly dir: string;
  readonly space: readonly Dimension[];
  readonly command: TrainCommand;
  readonly metric: MetricName;
  readonly trials: readonly Values[];
  /** Of the files that the trials read, once they are read. */
  readonly data: Digests;
  readonly identity: Identity;
}

/**
 * Checks what can be checked before a trial has begun, and draws the trials' values.
 *
 * @throws OptionError, SweepError, UsageError for invalid options
 */
export function planSweep(options: SweepOptions): Plan {
  const { vary, train, signal: _, onEvent: __, ...others } = options;
  refuseUnknown([...Object.keys(SWEEP_OPTIONS), "vary", "train", "signal", "onEvent"], options);
  const settings = settle(SWEEP_OPTIONS, others);
  const { sampler, seed, reductionFactor, dir } = settings;
  if (dir === undefined) throw new OptionError("dir", "a folder", dir);
  const space = readSpace(vary);
  const command = new TrainCommand(train);
  command.refuseVaried(space);
  const trials = drawTrials(space, { sampler, seed, trials: others.trials }, command.options);
  const metric = metricOf(command.with(trials[0]!));
  refuseIncomparable(space, metric);
  const rungs = sampler === "halving" ? halvedRungs(command, space, settings, trials.length) : [undefined];
  const identity = {
    vary,
    sampler,
    ...(sampler === "grid" ? {} : { seed }),
    // Of a sweep at random, the trials so far are the first of more.
    ...(sampler === "random" ? {} : { trials: trials.length }),
    ...(sampler === "halving" ? { reductionFactor, rungs } : {}),
    train: command.identity,
  };
  return { settings, dir, space, command, metric, trials, rungs, reductionFactor, data: {}, identity };
}

/** Options that change the unit of the loss. */
const UNITS = ["loss", "huberDelta", "scaling", "logarithm", "difference"];

function refuseIncomparable(space: readonly Dimension[], metric: MetricName): void {
  const one = metric === "validationLoss" ? space.find(({ option }) => UNITS.includes(option)) : undefined;
  if (one)
    throw new SweepError(`vary: ${one.name} changes the unit of the validation loss, which trials are compared by`);
}

function halvedRungs(
  { epochs }: TrainCommand,
  space: readonly Dimension[],
  { minEpochs, reductionFactor }: SweepSettings,
  trials: number,
): number[] {
  if (space.some(({ option }) => option === "epochs"))
    throw new SweepError(
      "vary: epochs cannot differ between trials that halving trains for different numbers of epochs",
    );
  if (epochs === undefined)
    throw new SweepError("train: halving needs --epochs N, the epochs of the trials that get to the end");
  return rungsOf(epochs, minEpochs, reductionFactor, trials);
}
