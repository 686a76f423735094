/**
 * Forecasting of numeric series, from files as they are to forecasts in the original units: import it from
 * `lstm-wasm/forecast`, beside `lstm-wasm`.
 *
 * @module lstm-wasm/forecast
 */

export { decodeText, encodingOf } from "./common/decode-text.js";
export type { CalendarFeature } from "./series/calendar.js";
export { describeChoice, describeEncoding } from "./series/choice-words.js";
export type { Choice, Trial, TrialListeners, TrialProgress } from "./series/choose.js";
export type { Spreads, StepSpread } from "./series/conformal.js";
export type { ForecasterDescription, TrainedSeries } from "./series/description.js";
export type { ColumnGain, Encoding, Gains } from "./series/encoder.js";
export type { FitOptions } from "./series/fit-options.js";
export type { Backtest, BacktestOptions, Series, SeriesModelOptions, Table } from "./series/forecast.js";
export { backtest, createForecaster, forecast, getSeriesTransform, prepareSeries } from "./series/forecast.js";
export type { PreparedForecaster } from "./series/forecaster.js";
export { Forecaster, fitForecaster, getForecaster, prepareForecaster } from "./series/forecaster.js";
export type { DetectOptions, HistoricalOptions, PredictOptions, UpdateOptions } from "./series/forecaster-options.js";
export { DETECT_OPTIONS, HISTORICAL_OPTIONS, PREDICT_OPTIONS, UPDATE_OPTIONS } from "./series/forecaster-options.js";
export type { Anomaly, Forecast, Unforecastable } from "./series/forecasts.js";
export type { NetworkOptions } from "./series/network.js";
export type { Difference, ForecasterSettings, TargetScaling } from "./series/options.js";
export { FORECASTER_OPTIONS } from "./series/options.js";
export { FORECASTER_RECIPE } from "./series/recipe.js";
export type { Scaling } from "./series/scaling.js";
export type {
  BacktestScores,
  ErrorScores,
  IntervalScores,
  NaiveScores,
  SeriesScores,
  StepScores,
} from "./series/scores.js";
export type { StaticColumn, Statics } from "./series/static-columns.js";
export type { Covariates, TargetSeries } from "./series/target-series.js";
export type { TargetTransform } from "./series/target-transform.js";
export type { SeriesConfig, SeriesDescription, SeriesOptions, SeriesTransform } from "./series/transform.js";
export { SERIES_OPTIONS } from "./series/transform.js";
export type { CsvOptions } from "./tables/csv.js";
export { CSV_OPTIONS } from "./tables/csv.js";
export type { DatePrecision } from "./tables/dates.js";
export type { Frequency, FrequencyDescription, FrequencyUnit } from "./tables/frequency.js";
export type { Missing } from "./tables/missing.js";
export type { Decimal } from "./tables/numbers.js";
export type { ColumnChoice, CsvDescription, ReadCsvOptions, SeriesTable } from "./tables/read-csv.js";
export { describeCsv, readCsv, TABLE_OPTIONS } from "./tables/read-csv.js";
export type { TimeSeries } from "./tables/time-series.js";
export type { ReadTsfOptions, TsfSeries } from "./tables/tsf.js";
export { readTsf, TSF_OPTIONS } from "./tables/tsf.js";
