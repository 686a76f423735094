import type { Errors, SeriesEvaluation } from "../../common/series.js";
import { count, plural } from "../elements/format.js";
import { withLabels } from "../options/labels.js";
import { alike, percentage, shown } from "./number.js";

/** Naive forecasts, by the library's names. */
const NAIVE: Readonly<Record<string, string>> = {
  persistence: "The last value",
  "seasonal naive": "The value a season before",
  drift: "The line through first and last value",
};

const MEASURES = ["rmse", "mae", "mase"] as const;

/** A share by which an interval may miss what it should hold: few rows decide it. */
const MUCH = 0.15;

/** How well the held-out rows are forecast, in words and beside naive forecasts. */
export function TestReport({
  evaluation,
  from,
}: {
  readonly evaluation: SeriesEvaluation;
  readonly from?: string | undefined;
}) {
  const { target, horizon, rows, series, own, naive, interval, steps, advice, isNaive } = evaluation;
  if (rows === 0) return <p class="verdict">No rows were held out, so there is no test error.</p>;
  const isScaled = series > 1 && !Number.isNaN(own.mase);
  const errorOf = ({ rmse, mase }: Errors) => (isScaled ? mase : rmse);
  const best = naive.reduce((a, b) => (errorOf(b) < errorOf(a) ? b : a));
  const ahead = horizon === 1 ? "one row ahead" : `up to ${horizon} rows ahead`;
  const places =
    series > 1 ? ` of ${plural(series, "series", "series")}` : from === undefined ? "" : ` from ${from} on`;
  return (
    <div class="verdict" data-testid="errors">
      <p>
        On {plural(rows, "held-out row")}
        {places}, {isScaled ? "the mean absolute scaled error (MASE)" : `the typical error (RMSE) in ${target}`} is{" "}
        <strong>{shown(errorOf(own))}</strong>, {ahead}. {comparison(errorOf(own), errorOf(best), nameOf(best.name))}
      </p>
      {isNaive && (
        <p>No network was better than a naive forecast in the trials: the forecast is that, without the network.</p>
      )}
      {advice !== undefined && <p class="advice">{sentence(advice)}</p>}
      {interval && (
        <p>
          The {percentage(interval.share)} interval held {percentage(interval.coverage)} of these values, and is{" "}
          {shown(interval.width)} wide on average.
          {interval.share - interval.coverage > Math.max(MUCH, 2 * (interval.error ?? 0)) &&
            " That is too few: the held-out rows are less regular than those by which it was calibrated, so do not rely on it."}
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th scope="col">Forecast, {ahead}</th>
            <th scope="col">RMSE</th>
            <th scope="col">MAE</th>
            <th scope="col">MASE</th>
          </tr>
        </thead>
        <tbody>
          {[{ name: "This model", ...own }, ...naive].map((one, _, all) => (
            <tr key={one.name}>
              <th scope="row">{nameOf(one.name)}</th>
              {MEASURES.map((measure) => (
                <td key={measure}>{alike(all.map((other) => other[measure]))(one[measure])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {steps.length > 1 && (
        <details>
          <summary>By rows ahead</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">Rows ahead</th>
                <th scope="col">RMSE</th>
                <th scope="col">MAE</th>
                {interval && <th scope="col">In the interval</th>}
              </tr>
            </thead>
            <tbody>
              {steps.map(({ rmse, mae, coverage }, step) => (
                <tr key={step}>
                  <th scope="row">{count(step + 1)}</th>
                  <td>{alike(steps.map((one) => one.rmse))(rmse)}</td>
                  <td>{alike(steps.map((one) => one.mae))(mae)}</td>
                  {coverage !== undefined && <td>{percentage(coverage)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </div>
  );
}

const nameOf = (name: string): string => NAIVE[name] ?? name;

/** Beside the best naive forecast. Where that is a little better, it says so too. */
function comparison(own: number, best: number, name: string): string {
  const naive = `the best naive forecast (${name.charAt(0).toLowerCase()}${name.slice(1)})`;
  if (own < best) return `That is ${(best / own).toFixed(1)} times smaller than with ${naive}.`;
  if (own === best) return `So it is with ${naive}.`;
  return `That is worse than with ${naive}, ${shown(best)}.`;
}

const sentence = (advice: string): string => `${advice.charAt(0).toUpperCase()}${withLabels(advice.slice(1))}.`;
