import { InputError, OptionError } from "../common/errors.js";
import { pick } from "../common/options.js";
import { checkBoolean, checkChoice, checkInteger, checkNumber } from "../common/validate.js";
import type { Model } from "../model/model.js";
import { checkFeatures } from "./calendar.js";
import type { Spreads, StepSpread } from "./conformal.js";
import type { Encoding, Gains, Layout } from "./encoder.js";
import { levelsOf, type NetworkOptions, shapeOf } from "./network.js";
import {
  DIFFERENCES,
  FORECASTER_OPTIONS,
  type ForecasterSettings,
  settleForecaster,
  TARGET_SCALINGS,
} from "./options.js";
import { checkStatics, staticWidth } from "./static-columns.js";
import type { Covariates } from "./target-series.js";
import { TARGET_TRANSFORMS } from "./target-transform.js";

/** A series that was trained on. */
export interface TrainedSeries {
  /** Its name, in a table of several. */
  readonly id?: string | undefined;
  /** Rows that were trained on, from the first. */
  readonly rows: number;
}

/** A forecaster as JSON, as stored with its model. */
export interface ForecasterDescription extends ForecasterSettings {
  /** How series are represented. */
  readonly encoding: Encoding;
  /** What the representation was fitted with. */
  readonly gains: Gains;
  /** What is read besides columns of numbers. */
  readonly covariates: Covariates;
  /** Whether the forecast is the naive one of its encoding, without the network. */
  readonly isNaive: boolean;
  /** [horizon][quantiles]: what is added to forecasts to make quantiles of them. */
  readonly offsets: readonly (readonly number[])[];
  /** [parts][horizon]: how far the forecasts were off that the offsets are of; empty where later ones do not matter. */
  readonly spreads: Spreads;
  /** The series that it was trained on. */
  readonly trained: readonly TrainedSeries[];
}

/**
 * Checks a description from a file.
 *
 * @throws InputError for one that is invalid, or of another model
 */
export function forecasterFromJson(json: unknown, model: Model): ForecasterDescription {
  try {
    return read(Object(json) as ForecasterDescription, model);
  } catch (error) {
    if (error instanceof OptionError) throw new InputError(`forecaster description: ${error.message}`);
    throw error;
  }
}

function read(json: ForecasterDescription, { config }: Model): ForecasterDescription {
  const settings = settleForecaster(pick(FORECASTER_OPTIONS, json));
  const encoding = readEncoding(Object(json.encoding), settings);
  const covariates = readCovariates(Object(json.covariates), settings);
  const layout: Layout = {
    columns: settings.columns.length,
    knownFuture: settings.knownFuture.length + 2 * covariates.calendar.length,
    statics: covariates.statics.reduce((sum, column) => sum + staticWidth(column), 0),
    outputs: levelsOf(settings.quantiles, config as NetworkOptions).length,
  };
  const gains = readGains(Object(json.gains), layout.columns + layout.knownFuture + layout.statics);
  const { inputSize, outputSize, returnSequences } = shapeOf(layout, settings);
  const isOther = config.inputSize !== inputSize || config.outputSize !== outputSize;
  if (isOther || config.returnSequences !== returnSequences || (config.quantiles.length || 1) !== layout.outputs)
    throw new InputError("forecaster description: the model has other inputs or outputs");
  if (!Array.isArray(json.trained)) throw new OptionError("trained", "an array", json.trained);
  const trained = (json.trained as readonly unknown[]).map((one): TrainedSeries => {
    const { id, rows } = Object(one) as TrainedSeries;
    if (id !== undefined && typeof id !== "string") throw new OptionError("id", "a text", id);
    return { id, rows: checkInteger("rows", rows, 0) };
  });
  const offsets = readOffsets(json.offsets, settings);
  const spreads = readSpreads(json.spreads, offsets.length);
  const isNaive = checkBoolean("isNaive", json.isNaive);
  return { ...settings, encoding, gains, covariates, offsets, spreads, isNaive, trained };
}

function readCovariates(json: Covariates, { calendar, static: names }: ForecasterSettings): Covariates {
  const features = checkFeatures(json.calendar);
  if (features.length > 0 !== calendar) throw new OptionError("calendar", `${calendar}, as its features`, calendar);
  return { calendar: features, statics: checkStatics(json.statics, names) };
}

function readEncoding(json: Encoding, { horizon, season, window }: ForecasterSettings): Encoding {
  const encoding: Encoding = {
    transform: checkChoice("transform", json.transform, TARGET_TRANSFORMS),
    floor: checkNumber("floor", json.floor, {}),
    difference: checkChoice("difference", json.difference, DIFFERENCES),
    scaling: checkChoice("scaling", json.scaling, TARGET_SCALINGS),
    window: checkInteger("window", json.window, 1, window),
    horizon,
    season,
  };
  const { transform, floor } = encoding;
  if ((transform === "log" && floor <= 0) || (transform === "log1p" && floor <= -1))
    throw new OptionError("floor", "a number with a logarithm", floor);
  return encoding;
}

function readOffsets(offsets: unknown, { horizon, quantiles }: ForecasterSettings): number[][] {
  const steps = quantiles.length > 0 ? horizon : 0;
  const isStep = (step: unknown): step is number[] =>
    Array.isArray(step) && step.length === quantiles.length && step.every((offset) => Number.isFinite(offset));
  if (Array.isArray(offsets) && offsets.length === steps && offsets.every(isStep)) return offsets;
  throw new OptionError("offsets", `${steps} lists of ${quantiles.length} numbers`, offsets);
}

/** Earlier files have none. */
function readSpreads(spreads: unknown = [], steps: number): Spreads {
  if (!Array.isArray(spreads)) throw new OptionError("spreads", "an array", spreads);
  return spreads.map((part) => {
    if (!Array.isArray(part) || part.length !== steps) throw new OptionError("spreads", `lists of ${steps}`, part);
    return part.map((one) => {
      const { mean, rows } = Object(one) as StepSpread;
      return { mean: checkNumber("mean", mean, { min: 0 }), rows: checkInteger("rows", rows, 0) };
    });
  });
}

function readGains(json: Gains, columns: number): Gains {
  if (!Array.isArray(json.columns) || json.columns.length !== columns)
    throw new OptionError("gains", `${columns} columns`, json.columns);
  return {
    input: checkNumber("gains.input", json.input, { above: 0 }),
    output: checkNumber("gains.output", json.output, { min: 0 }),
    columns: json.columns.map((one) => {
      const { shift, scale } = Object(one) as { shift: number; scale: number };
      return { shift: checkNumber("shift", shift, {}), scale: checkNumber("scale", scale, { above: 0 }) };
    }),
  };
}
