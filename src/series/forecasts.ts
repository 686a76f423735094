// What a forecaster says of series.

/** Forecasts of the rows after a series, or after a row of it. */
export interface Forecast {
  /** Of the series. */
  readonly id: string | undefined;
  /** The first row that is forecast, counted from 0. */
  readonly from: number;
  /** The dates of the rows, of a series that has dates. */
  readonly dates: readonly string[] | undefined;
  /** The forecast of the target, in its unit. */
  readonly mean: readonly number[];
  /** Its quantiles by their names, such as "0.1"; none without the option `quantiles`. */
  readonly quantiles: Readonly<Record<string, readonly number[]>>;
}

/** A value beside the interval that was forecast for it. */
export interface Anomaly {
  /** Of the series. */
  readonly id: string | undefined;
  /** Counted from 0. */
  readonly row: number;
  /** Of a series that has dates. */
  readonly date: string | undefined;
  /** What the row has. */
  readonly value: number;
  /** The lowest quantile, forecast from the rows before. */
  readonly low: number;
  /** The highest one. */
  readonly high: number;
  /** The distance from the middle of the interval, in halves of its width: above 1. Infinite where that is 0. */
  readonly score: number;
}

/** A series of which there is nothing to forecast. */
export interface Unforecastable {
  /** Of the series. */
  readonly id: string | undefined;
  /** Why, in words. */
  readonly reason: string;
}
