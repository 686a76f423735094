/** Steps with fewer residuals take those of all steps. */
const FEWEST_RESIDUALS = 20;

/**
 * What has to be added to forecasts to make a quantile of them: conformal quantiles of the residuals on rows that a network
 * was not trained on (Lei et al., Distribution-Free Predictive Inference for Regression, 2018), for each step ahead. Where
 * the forecasts are quantiles already, that mends how many rows lie below (Romano, Patterson and Candès, Conformalized
 * Quantile Regression, 2019).
 *
 * @param residuals of each step ahead, NaN where there was nothing to compare with
 * @returns [steps]
 */
export function conformalOffsets(residuals: readonly (readonly number[])[], quantile: number): number[] {
  const known = residuals.map((of) => of.filter((residual) => !Number.isNaN(residual)));
  const all = known.flat();
  return known.map((of) => {
    const sorted = [...(of.length < FEWEST_RESIDUALS ? all : of)].sort((a, b) => a - b);
    return conformalQuantile(sorted, quantile);
  });
}

/** With n residuals, the next one lies below the k-th smallest with a probability of k / (n + 1). */
function conformalQuantile(sorted: readonly number[], quantile: number): number {
  const n = sorted.length;
  const k = quantile < 0.5 ? Math.floor(quantile * (n + 1)) : Math.ceil(quantile * (n + 1));
  return sorted[Math.min(n, Math.max(1, k)) - 1]!;
}
