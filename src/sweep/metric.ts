import { byHand, isForClassifier, type TrainFlags } from "../cli/train-flags.js";
import { FORECASTER_OPTIONS } from "../series/options.js";
import { SERIES_OPTIONS } from "../series/transform.js";
import { SweepError } from "./errors.js";

/**
 * What trials are compared by; lower is better:
 *
 * - `validationLoss`: the best loss on the part that is held out, or on a validation text
 * - `mase`: of a forecaster, the scaled error on the rows that are held out
 * - `rmse`: of a series that is represented by hand, the error on the rows that are held out
 */
export type MetricName = "validationLoss" | "mase" | "rmse";

/** The last event of `train --json`, as far as it matters here. */
export interface TrainEnd {
  readonly epochs: number;
  readonly trainLoss?: number;
  readonly validationLoss?: number;
  readonly bestEpoch?: number;
  readonly stopReason: string;
  readonly seconds: number;
  /** Of a series. */
  readonly test?: Readonly<Record<string, unknown>>;
  /** Of a classifier whose number of epochs was chosen. */
  readonly validation?: { readonly loss: number };
}

/**
 * What the trials of these flags are compared by.
 *
 * @throws SweepError if they measure nothing
 */
export function metricOf(flags: TrainFlags): MetricName {
  const isHeldOut = Number(flags["validation-fraction"] ?? 0) > 0 || flags["validation-text"] !== undefined;
  if (flags.csv !== undefined && !isForClassifier(flags)) {
    const isByHand = byHand(flags) !== undefined;
    const usual = (isByHand ? SERIES_OPTIONS : FORECASTER_OPTIONS).testFraction.default;
    const isTested = Number(flags["test-rows"] ?? 0) > 0 || Number(flags["test-fraction"] ?? usual) > 0;
    if (isTested) return isByHand ? "rmse" : "mase";
    if (isHeldOut) return "validationLoss";
    throw new SweepError("the trials measure nothing to compare them by: pass --test-rows N, the rows to hold out");
  }
  // A classifier without a number of epochs holds out a part to choose it.
  if (isHeldOut || (isForClassifier(flags) && flags["epochs"] === undefined)) return "validationLoss";
  throw new SweepError(
    "the trials measure nothing to compare them by: pass --validation-fraction 0.1, the part to hold out, " +
      "or for texts --validation-text FILE",
  );
}

/** What a trial is compared by; undefined if that is not a number. */
export function measure(name: MetricName, { validationLoss, validation, test }: TrainEnd): number | undefined {
  const value = name === "validationLoss" ? (validationLoss ?? validation?.loss) : test?.[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
