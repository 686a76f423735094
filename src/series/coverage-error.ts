/** A forecast, and which of its rows lie in an interval. */
export interface Held {
  readonly id: string | undefined;
  /** Its first row. */
  readonly from: number;
  /** Row by row. */
  readonly isHeld: readonly boolean[];
}

/** Fewer forecasts say nothing of how their shares vary. */
const FEWEST_FORECASTS = 10;

/**
 * The standard error of the share of rows that an interval holds. Forecasts from rows close to each other err together: their
 * covariances within a series count as far as twice the horizon, the less, the farther apart (Newey and West, A Simple, Positive
 * Semi-Definite, Heteroskedasticity and Autocorrelation Consistent Covariance Matrix, 1987). Series count as independent.
 *
 * @param forecasts those of each series in order
 * @param horizon rows ahead of the last of their rows
 * @returns undefined for fewer than ten forecasts
 */
export function coverageError(forecasts: readonly Held[], horizon: number): number | undefined {
  if (forecasts.length < FEWEST_FORECASTS) return undefined;
  const counts = forecasts.map(({ isHeld }) => isHeld.filter(Boolean).length);
  const rows = forecasts.reduce((sum, { isHeld }) => sum + isHeld.length, 0);
  const share = counts.reduce((sum, count) => sum + count, 0) / rows;
  const excess = forecasts.map(({ isHeld }, i) => counts[i]! - share * isHeld.length);
  const reach = 2 * horizon;
  let variance = 0;
  for (const [i, { id, from }] of forecasts.entries()) {
    variance += excess[i]! * excess[i]!;
    for (let j = i + 1; j < forecasts.length; j++) {
      const later = forecasts[j]!;
      const distance = later.from - from;
      if (later.id !== id || distance >= reach) break;
      variance += 2 * (1 - distance / reach) * excess[i]! * excess[j]!;
    }
  }
  return Math.sqrt((variance * forecasts.length) / (forecasts.length - 1)) / rows;
}
