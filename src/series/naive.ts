/** What a model should beat: forecasts of the rows after some values, without anything learned. */
export interface NaiveForecast {
  /** How it is called in reports. */
  readonly name: string;
  /**
   * @param values all known ones, at least one
   * @param horizon how many to forecast
   */
  forecast(values: Float64Array, horizon: number): number[];
}

/** The last value, again and again. */
export const PERSISTENCE: NaiveForecast = {
  name: "persistence",
  forecast: (values, horizon) => new Array<number>(horizon).fill(values.at(-1)!),
};

/** The last season, again and again; where there is none yet, the last value. */
export const seasonalNaiveOf = (season: number): NaiveForecast => ({
  name: "seasonal naive",
  forecast: (values, horizon) =>
    values.length < season
      ? PERSISTENCE.forecast(values, horizon)
      : Array.from({ length: horizon }, (_, i) => values[values.length - season + (i % season)]!),
});

/** The straight line through the first and the last value. */
export const DRIFT: NaiveForecast = {
  name: "drift",
  forecast: (values, horizon) => {
    const [last, count] = [values.at(-1)!, values.length - 1];
    const step = count > 0 ? (last - values[0]!) / count : 0;
    return Array.from({ length: horizon }, (_, i) => last + (i + 1) * step);
  },
};

/** Smoothing parameters that are tried. */
const GRID = Array.from({ length: 20 }, (_, i) => (i + 1) / 20);

/**
 * Holt's linear trend: a level and a slope, each exponentially smoothed, with the two parameters that forecast the values
 * best one step ahead, of a grid (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 8.2).
 */
export const HOLT: NaiveForecast = {
  name: "Holt's linear trend",
  forecast: (values, horizon) => {
    let best = { error: Number.POSITIVE_INFINITY, level: values.at(-1)!, slope: 0 };
    if (values.length > 2)
      for (const alpha of GRID)
        for (const beta of GRID) {
          const fit = smooth(values, alpha, beta);
          if (fit.error < best.error) best = fit;
        }
    return Array.from({ length: horizon }, (_, i) => best.level + (i + 1) * best.slope);
  },
};

/** Level and slope at the end, and the sum of squared errors one step ahead. */
function smooth(values: Float64Array, alpha: number, beta: number) {
  let [level, slope, error] = [values[1]!, values[1]! - values[0]!, 0];
  for (const value of values.subarray(2)) {
    const before = level;
    const residual = value - level - slope;
    error += residual * residual;
    level += slope + alpha * residual;
    slope = beta * (level - before) + (1 - beta) * slope;
  }
  return { error, level, slope };
}

/** The naive forecasts for a series: the seasonal one only where there are seasons. */
export const naiveForecasts = (season: number): readonly NaiveForecast[] => [
  PERSISTENCE,
  ...(season > 1 ? [seasonalNaiveOf(season)] : []),
  DRIFT,
  HOLT,
];
