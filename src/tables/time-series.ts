import type { Frequency } from "./frequency.js";

/** Columns of numbers, row by row in time. */
export interface TimeSeries {
  /** Tells it apart from others. */
  readonly id: string | undefined;
  /** The class that it belongs to, if it was asked for. */
  readonly label?: string | undefined;
  /** Its value of each static column that was asked for. */
  readonly statics?: Readonly<Record<string, number | string>>;
  /** Numbers by column, all of the same length, but for columns known in advance, which may have more rows at the end. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  /** The date of each row, also of those that only columns known in advance have, in milliseconds since 1970 began (UTC). */
  readonly times: Float64Array | undefined;
  /** The step between the dates. */
  readonly frequency: Frequency | undefined;
}
