import { InputError, OptionError } from "../common/errors.js";
import { pick } from "../common/options.js";
import { checkBoolean, checkChoice, checkInteger, checkNumber } from "../common/validate.js";
import type { Model } from "../model/model.js";
import { type Encoding, type Gains, widthOf } from "./encoder.js";
import {
  DIFFERENCES,
  FORECASTER_OPTIONS,
  type ForecasterSettings,
  settleForecaster,
  TARGET_SCALINGS,
} from "./options.js";
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
  /** Whether the forecast is the naive one of its encoding, without the network. */
  readonly isNaive: boolean;
  /** [horizon][quantiles]: what is added to forecasts to make quantiles of them. */
  readonly offsets: readonly (readonly number[])[];
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
  const { columns, knownFuture, horizon } = settings;
  const encoding = readEncoding(Object(json.encoding), settings);
  const gains = readGains(Object(json.gains), columns.length + knownFuture.length);
  if (config.inputSize !== widthOf(columns.length, knownFuture.length) || config.outputSize !== horizon)
    throw new InputError("forecaster description: the model has other inputs or outputs");
  if (!Array.isArray(json.trained)) throw new OptionError("trained", "an array", json.trained);
  const trained = (json.trained as readonly unknown[]).map((one): TrainedSeries => {
    const { id, rows } = Object(one) as TrainedSeries;
    if (id !== undefined && typeof id !== "string") throw new OptionError("id", "a text", id);
    return { id, rows: checkInteger("rows", rows, 1) };
  });
  const offsets = readOffsets(json.offsets, settings);
  return { ...settings, encoding, gains, offsets, isNaive: checkBoolean("isNaive", json.isNaive), trained };
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
    Array.isArray(step) &&
    step.length === quantiles.length &&
    step.every((offset, i) => Number.isFinite(offset) && (i === 0 || offset >= step[i - 1]));
  if (Array.isArray(offsets) && offsets.length === steps && offsets.every(isStep)) return offsets;
  throw new OptionError("offsets", `${steps} ascending lists of ${quantiles.length} numbers`, offsets);
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
