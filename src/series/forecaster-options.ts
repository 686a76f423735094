import { boolean, type OptionsOf, other } from "../common/options.js";
import { checkInteger } from "../common/validate.js";
import type { TrainOptions } from "../training/options.js";
import { FORECASTER_OPTIONS } from "./options.js";

// What a trained forecaster can be asked for.

/** Rows forecast at once, beyond the network's horizon, at most. */
const LONGEST_FORECAST = 1_000_000;

const rows = (least: number) =>
  other<number | undefined>((option, value) => checkInteger(option, value, least, LONGEST_FORECAST));

/** Options of {@link Forecaster.predict}. */
export const PREDICT_OPTIONS = {
  /** Rows to forecast. Default: the horizon that the forecaster was trained for. */
  horizon: rows(1),
};

/** Options of {@link Forecaster.historicalForecasts} and {@link Forecaster.backtest}. */
export const HISTORICAL_OPTIONS = {
  /** The first row to forecast. Default: the first that was not trained on. */
  from: rows(0),
  /** Rows to forecast each time. Default: the horizon that the forecaster was trained for. */
  horizon: rows(1),
  /** Rows from one forecast to the next. Default: the horizon, so that each row is forecast once, or 1 with origins. */
  stride: rows(1),
  /** Forecasts of each series, the last that have all rows to compare with. Default: as many as there are from `from` on. */
  origins: rows(1),
  /** Trains the network anew before each forecast, on all rows before it. Representation and epochs stay as chosen. */
  refit: boolean({ default: false }),
};

/** Options of {@link Forecaster.prepareUpdate}. */
export const UPDATE_OPTIONS = {
  /** Fraction of the rows, at the end of each series, that is held out. Default: as before, without either. */
  testFraction: FORECASTER_OPTIONS.testFraction,
  /** Rows at the end of each series that are held out, in place of a fraction; 0 holds out the fraction. Default: as before, without either. */
  testRows: FORECASTER_OPTIONS.testRows,
};

/** Options of {@link Forecaster.prepareUpdate} and {@link Forecaster.update}. */
export interface UpdateOptions extends OptionsOf<typeof UPDATE_OPTIONS> {
  /** Options of the training. Default: Adam with a learning rate of 0.005, for as many epochs as before. */
  training?: TrainOptions;
}

/** Options of {@link Forecaster.detect}. */
export const DETECT_OPTIONS = {
  /** The first row to look at. Default: the first that was not trained on. */
  from: rows(0),
};

/** Options of {@link Forecaster.detect}. */
export interface DetectOptions extends OptionsOf<typeof DETECT_OPTIONS> {}

/** Options of {@link Forecaster.predict}. */
export interface PredictOptions extends OptionsOf<typeof PREDICT_OPTIONS> {}

/** Options of {@link Forecaster.historicalForecasts} and {@link Forecaster.backtest}. */
export interface HistoricalOptions extends OptionsOf<typeof HISTORICAL_OPTIONS> {}
