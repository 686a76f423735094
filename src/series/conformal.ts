/** Residuals of each step ahead, NaN where there was nothing to compare with: [steps][forecasts]. */
export type StepResiduals = readonly (readonly number[])[];

/** Steps with fewer residuals take those of their neighbors, too. */
const FEWEST_RESIDUALS = 20;
/** Residuals that one validation part has to have to say something about tails by itself. */
const ENOUGH_RESIDUALS = 100;

/**
 * What has to be added to forecasts to make a quantile of them, for each step ahead: conformal quantiles of the residuals on
 * rows that a network was not trained on (Lei et al., Distribution-Free Predictive Inference for Regression, 2018). Where the
 * forecasts are quantiles already, that mends how many rows lie below (Romano, Patterson and Candès, Conformalized Quantile
 * Regression, 2019).
 *
 * Times change. Where each of several validation parts has many residuals, the widest quantile of any of them is taken, since the
 * rows to come may be as restless as the most restless part that was seen. Otherwise the parts are taken together.
 *
 * @param parts residuals on each validation part, the newest first
 * @returns [steps]
 */
export function conformalOffsets(parts: readonly StepResiduals[], quantile: number): number[] {
  const known = parts.map((steps) => steps.map((of) => of.filter((residual) => !Number.isNaN(residual))));
  return known[0]!.map((_, step) => {
    const ofStep = known.map((steps) => steps[step]!);
    if (ofStep.every(({ length }) => length >= ENOUGH_RESIDUALS)) return widest(ofStep, quantile);
    return conformalQuantile(around(known, step), quantile);
  });
}

/** The residuals of a step on all parts, with those of as many steps on either side as it takes to have enough. */
function around(parts: readonly StepResiduals[], step: number): readonly number[] {
  const steps = parts[0]!.length;
  for (let reach = 0; ; reach++) {
    const near = parts.flatMap((part) => part.slice(Math.max(0, step - reach), step + reach + 1).flat());
    if (near.length >= FEWEST_RESIDUALS || reach >= steps) return near;
  }
}

function widest(parts: readonly (readonly number[])[], quantile: number): number {
  const all = parts.map((part) => conformalQuantile(part, quantile));
  if (quantile === 0.5) return all[0]!;
  return quantile < 0.5 ? Math.min(...all) : Math.max(...all);
}

/** With n residuals, the next one lies below the k-th smallest with a probability of k / (n + 1). */
function conformalQuantile(residuals: readonly number[], quantile: number): number {
  const sorted = [...residuals].sort((a, b) => a - b);
  const n = sorted.length;
  const k = quantile < 0.5 ? Math.floor(quantile * (n + 1)) : Math.ceil(quantile * (n + 1));
  return sorted[Math.min(n, Math.max(1, k)) - 1]!;
}
