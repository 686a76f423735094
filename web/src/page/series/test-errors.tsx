import type { SeriesEvaluation } from "../../common/protocol.js";
import { count } from "../elements/format.js";

/** The model's errors on the held-out rows, compared with those of the naive forecasts. */
export function TestErrors({ evaluation }: { readonly evaluation: SeriesEvaluation }) {
  const { target, actual, testStart, rmse, mae, persistenceRmse, seasonalNaiveRmse, season } = evaluation;
  if (testStart === undefined || rmse === undefined || mae === undefined || persistenceRmse === undefined)
    return <p class="verdict">No rows were held out, so there is no test error.</p>;
  const best = Math.min(persistenceRmse, seasonalNaiveRmse ?? Number.POSITIVE_INFINITY);
  const verdict = rmse < best ? `${(best / rmse).toFixed(1)} times smaller than` : "no smaller than";
  const naive = seasonalNaiveRmse === undefined ? "the naive forecast" : "the better of two naive forecasts";
  return (
    <div class="verdict" data-testid="errors">
      <p>
        On {count(actual.length - testStart)} held-out rows, the typical error (RMSE) in {target} is{" "}
        <strong>{rmse.toPrecision(3)}</strong>, one step ahead. That is {verdict} with {naive}.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Forecast, one step ahead</th>
            <th scope="col">RMSE</th>
          </tr>
        </thead>
        <tbody>
          <Row title="This model" value={rmse} />
          {seasonalNaiveRmse !== undefined && (
            <Row title={`The value ${season} rows earlier`} value={seasonalNaiveRmse} />
          )}
          <Row title="The previous value" value={persistenceRmse} />
        </tbody>
      </table>
      <p class="quiet">The model’s mean absolute error (MAE) is {mae.toPrecision(3)}.</p>
    </div>
  );
}

function Row({ title, value }: { readonly title: string; readonly value: number }) {
  return (
    <tr>
      <th scope="row">{title}</th>
      <td>{value.toPrecision(4)}</td>
    </tr>
  );
}
