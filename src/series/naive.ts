/** Forecasts the rows after some values, of which there is at least one. */
export type Extrapolation = (values: Float64Array, horizon: number) => number[];

/** What a model should beat: a forecast of the rows after some values that learns nothing, or next to nothing. */
export interface NaiveForecast {
  /** How it is called in reports. */
  readonly name: string;
  /** Takes what little it learns from the rows before the first forecast. */
  fit(values: Float64Array): Extrapolation;
}

const persist: Extrapolation = (values, horizon) => new Array<number>(horizon).fill(values.at(-1)!);

/** The last value, again and again. */
export const PERSISTENCE: NaiveForecast = { name: "persistence", fit: () => persist };

/** The last season, again and again; where there is none yet, the last value. */
export const seasonalNaiveOf = (season: number): NaiveForecast => ({
  name: "seasonal naive",
  fit: () => (values, horizon) =>
    values.length < season
      ? persist(values, horizon)
      : Array.from({ length: horizon }, (_, i) => values[values.length - season + (i % season)]!),
});

/** The straight line through the first and the last value. */
export const DRIFT: NaiveForecast = {
  name: "drift",
  fit: () => (values, horizon) => {
    const [last, count] = [values.at(-1)!, values.length - 1];
    const step = count > 0 ? (last - values[0]!) / count : 0;
    return Array.from({ length: horizon }, (_, i) => last + (i + 1) * step);
  },
};

/** Smoothing parameters that are tried, on so many rows at most. */
const GRID = Array.from({ length: 20 }, (_, i) => (i + 1) / 20);
const MOST_FITTED = 1000;

/**
 * Holt's linear trend: a level and a slope, each exponentially smoothed, with the two parameters of a grid that forecast the
 * values best one step ahead (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 8.2).
 */
export const HOLT: NaiveForecast = {
  name: "Holt's linear trend",
  fit: (values) => {
    const fitted = values.subarray(-MOST_FITTED);
    let best = { error: Number.POSITIVE_INFINITY, alpha: 1, beta: 1 };
    for (const alpha of GRID)
      for (const beta of GRID) {
        const { error } = smooth(fitted, alpha, beta);
        if (error < best.error) best = { error, alpha, beta };
      }
    let last: { readonly values: Float64Array; readonly trend: Trend } | undefined;
    return (values, horizon) => {
      // Rows that are forecast one after another are forecast from ever more of the same values.
      const isSame = last && last.values.buffer === values.buffer && last.values.byteOffset === values.byteOffset;
      const before = last && isSame && last.values.length <= values.length ? last.trend : undefined;
      const trend = smooth(values, best.alpha, best.beta, before);
      const { level, slope } = trend;
      last = { values, trend };
      return Array.from({ length: horizon }, (_, i) => level + (i + 1) * slope);
    };
  },
};

/** Level and slope at the end of some rows, and the sum of squared errors one step ahead. */
interface Trend {
  readonly rows: number;
  readonly level: number;
  readonly slope: number;
  readonly error: number;
}

/** @param before of the first of the values, to go on from there */
function smooth(values: Float64Array, alpha: number, beta: number, before?: Trend): Trend {
  if (values.length < 3) return { rows: 0, level: values.at(-1)!, slope: 0, error: 0 };
  const start =
    before && before.rows > 0 ? before : { rows: 2, level: values[1]!, slope: values[1]! - values[0]!, error: 0 };
  let { level, slope, error } = start;
  for (let row = start.rows; row < values.length; row++) {
    const earlier = level;
    const residual = values[row]! - level - slope;
    error += residual * residual;
    level += slope + alpha * residual;
    slope = beta * (level - earlier) + (1 - beta) * slope;
  }
  return { rows: values.length, level, slope, error };
}

/** The naive forecasts for a series: the seasonal one only where there are seasons. */
export const naiveForecasts = (season: number): readonly NaiveForecast[] => [
  PERSISTENCE,
  ...(season > 1 ? [seasonalNaiveOf(season)] : []),
  DRIFT,
  HOLT,
];
