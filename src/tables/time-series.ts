import type { Frequency } from "./frequency.js";

/** Columns of numbers, row by row in time. */
export interface TimeSeries {
  /** Tells it apart from others. */
  readonly id: string | undefined;
  /** The class that it belongs to, if it was asked for. */
  readonly label?: string | undefined;
  /** Numbers by column, all of the same length. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  /** Each row's date, in milliseconds since 1970 began (UTC). */
  readonly times: Float64Array | undefined;
  /** The step between the dates. */
  readonly frequency: Frequency | undefined;
}
