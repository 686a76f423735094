/**
 * Forecasting of numeric series, from files as they are to forecasts in the original units: import it from
 * `lstm-wasm/forecast`, beside `lstm-wasm`.
 *
 * @module lstm-wasm/forecast
 */

export type { Backtest, BacktestOptions, ForecasterOptions, Series, Table } from "./series/forecast.js";
export { backtest, createForecaster, forecast, getSeriesTransform, prepareSeries } from "./series/forecast.js";
export type { Scaling } from "./series/scaling.js";
export type { SeriesConfig, SeriesDescription, SeriesOptions, SeriesTransform } from "./series/transform.js";
export { SERIES_OPTIONS } from "./series/transform.js";
export type { CsvOptions } from "./tables/csv.js";
export { CSV_OPTIONS } from "./tables/csv.js";
export type { DatePrecision } from "./tables/dates.js";
export type { Frequency, FrequencyDescription, FrequencyUnit } from "./tables/frequency.js";
export type { Missing } from "./tables/missing.js";
export type { Decimal } from "./tables/numbers.js";
export type { CsvDescription, ReadCsvOptions, SeriesTable } from "./tables/read-csv.js";
export { describeCsv, readCsv, TABLE_OPTIONS } from "./tables/read-csv.js";
export type { TimeSeries } from "./tables/time-series.js";
