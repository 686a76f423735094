/** Residuals of each step ahead, NaN where there was nothing to compare with: [steps][forecasts]. */
export type StepResiduals = readonly (readonly number[])[];

/** What was missing from the forecasts of a validation part. */
export interface PartResiduals {
  readonly steps: StepResiduals;
  /** How many of the forecasts do not overlap. Others say little more, since they err together. */
  readonly apart: number;
}

/** How far forecasts of a step were off: the mean magnitude of its residuals, and how many there were. */
export interface StepSpread {
  /** In the unit of the residuals. */
  readonly mean: number;
  /** The number of residuals. */
  readonly rows: number;
}

/** [parts][steps], the newest part first. */
export type Spreads = readonly (readonly StepSpread[])[];

/** Forecasts apart, and residuals of a step, that a validation part has to have to say something about tails by itself. */
const ENOUGH = 100;

/** Whether some part says little about tails by itself. */
const areFew = (parts: readonly PartResiduals[]): boolean => parts.some(({ apart }) => apart < ENOUGH);

/**
 * What has to be added to forecasts to make a quantile of them, for each step ahead: conformal quantiles of the residuals on
 * rows that a network was not trained on (Lei et al., Distribution-Free Predictive Inference for Regression, 2018). Where the
 * forecasts are quantiles already, that mends how many rows lie below (Romano, Patterson and Candès, Conformalized Quantile
 * Regression, 2019).
 *
 * One series has few residuals of each step, and those of forecasts that overlap err together (Wang and Hyndman, Online Conformal
 * Inference for Multi-Step Time Series Forecasting, 2024). So the steps share the shape of their residuals, each scaled by its
 * spread; and that spread does not shrink farther ahead.
 *
 * Times change. Where each of several validation parts has many forecasts apart, as with many series, the widest quantile of any of
 * them is taken, since the rows to come may be as restless as the most restless part that was seen.
 *
 * @param parts residuals on each validation part, the newest first
 * @returns [steps]
 */
export function conformalOffsets(parts: readonly PartResiduals[], quantile: number): number[] {
  const steps = knownOf(parts);
  const offsets = shared(
    steps.map((ofParts) => ofParts.flat()),
    quantile,
  );
  if (areFew(parts)) return offsets;
  return steps.map((ofParts, step) => {
    const full = ofParts.filter(({ length }) => length >= ENOUGH);
    return full.length > 0 ? widest(full, quantile) : offsets[step]!;
  });
}

/** [steps][parts]: what is known of the residuals. */
const knownOf = (parts: readonly PartResiduals[]): (readonly number[])[][] =>
  parts[0]!.steps.map((_, step) =>
    parts.map(({ steps }) => steps[step]!.filter((residual) => !Number.isNaN(residual))),
  );

/**
 * The spread of each step on the validation parts, for {@link widenings}.
 *
 * @returns [parts][steps], the newest part first; none where each has many forecasts apart: then a few more say nothing new
 */
export function spreadsOf(parts: readonly PartResiduals[]): StepSpread[][] {
  if (!areFew(parts)) return [];
  return parts.map(({ steps }) =>
    steps.map((residuals) => {
      const known = residuals.filter((residual) => !Number.isNaN(residual));
      return { mean: known.length > 0 ? sumOfMagnitudes(known) / known.length : 0, rows: known.length };
    }),
  );
}

/** The residuals of each step, of all parts together. */
export const calibratingRows = (spreads: Spreads): number[] =>
  (spreads[0] ?? []).map((_, step) => spreads.reduce((sum, part) => sum + part[step]!.rows, 0));

/**
 * How many times as far out quantiles lie as on the validation parts, by how far forecasts have been off since. Each residual since
 * then takes the place of the oldest one, so that the newest count, as many as there were (Xu and Xie, Conformal Prediction Interval
 * for Dynamic Time-Series, 2021). The shape of the residuals stays.
 *
 * @param spreads of each validation part, the newest first
 * @param since residuals of forecasts made after the training, of each step, the oldest first
 * @returns [steps]
 */
export function widenings(spreads: Spreads, since: StepResiduals): number[] {
  const counts = calibratingRows(spreads);
  const sums = counts.map((rows, step) => {
    const newest = rows > 0 ? since[step]!.slice(-rows) : [];
    return newestOf(spreads, step, rows - newest.length) + sumOfMagnitudes(newest);
  });
  const before = growing(
    counts.map((rows, step) => newestOf(spreads, step, rows)),
    counts,
  );
  return growing(sums, counts).map((spread, step) => (before[step]! > 0 ? spread / before[step]! : 1));
}

/** The sum of the magnitudes of so many residuals, from the newest part on. */
function newestOf(spreads: Spreads, step: number, count: number): number {
  let [sum, left] = [0, count];
  for (const part of spreads) {
    const { mean, rows } = part[step]!;
    sum += Math.min(rows, left) * mean;
    left -= Math.min(rows, left);
  }
  return sum;
}

const sumOfMagnitudes = (residuals: readonly number[]): number =>
  residuals.reduce((sum, residual) => sum + Math.abs(residual), 0);

/** The quantile of each step, from the scaled residuals of all. */
function shared(steps: readonly (readonly number[])[], quantile: number): number[] {
  const spreads = growing(
    steps.map(sumOfMagnitudes),
    steps.map(({ length }) => length),
  );
  const scaled = steps.flatMap((residuals, step) => residuals.map((residual) => residual / (spreads[step]! || 1)));
  // Scaled residuals of several steps after one row are hardly more than one.
  const rows = steps.reduce((most, { length }) => Math.max(most, length), 0);
  const offset = conformalQuantile(scaled, quantile, rows);
  return spreads.map((spread) => spread * offset);
}

/**
 * Means that never fall, as close to those given as can be: neighbors that fall are pooled (Ayer et al., An Empirical Distribution
 * Function for Sampling with Incomplete Information, 1955).
 */
function growing(sums: readonly number[], counts: readonly number[]): number[] {
  const pools: { sum: number; count: number; steps: number }[] = [];
  for (const [step, sum] of sums.entries()) {
    let pool = { sum, count: counts[step]!, steps: 1 };
    for (
      let before = pools.at(-1);
      before && before.sum * pool.count >= pool.sum * before.count;
      before = pools.at(-1)
    ) {
      pools.pop();
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count, steps: before.steps + pool.steps };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, count, steps }) => new Array<number>(steps).fill(count > 0 ? sum / count : 0));
}

function widest(parts: readonly (readonly number[])[], quantile: number): number {
  const all = parts.map((part) => conformalQuantile(part, quantile));
  if (quantile === 0.5) return all[0]!;
  return quantile < 0.5 ? Math.min(...all) : Math.max(...all);
}

/**
 * With n residuals, the next one lies below the k-th smallest with a probability of k / (n + 1).
 *
 * @param independent how many of them count, if not all
 */
function conformalQuantile(residuals: readonly number[], quantile: number, independent = residuals.length): number {
  if (quantile < 0.5)
    return -conformalQuantile(
      residuals.map((residual) => -residual),
      1 - quantile,
      independent,
    );
  const sorted = [...residuals].sort((a, b) => a - b);
  const grown = quantile === 0.5 ? quantile : (quantile * (independent + 1)) / independent;
  const rank = Math.min(sorted.length, Math.max(1, grown * sorted.length));
  const [below, above] = [sorted[Math.floor(rank) - 1]!, sorted[Math.ceil(rank) - 1]!];
  return below + (rank - Math.floor(rank)) * (above - below);
}
