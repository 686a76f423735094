import type { Tested } from "../protocol.js";
import { count } from "./words.js";

/** How the model's errors compare with those of the naive forecasts. */
export function ErrorsInWords({ tested }: { readonly tested: Tested }) {
  const { target, actual, from, rmse, mae, persistenceRmse, seasonalNaiveRmse, season } = tested;
  if (from === undefined || rmse === undefined || mae === undefined || persistenceRmse === undefined)
    return <p class="verdict">No rows were held out, so the forecast is not tested.</p>;
  const best = Math.min(persistenceRmse, seasonalNaiveRmse ?? Number.POSITIVE_INFINITY);
  const verdict = rmse < best ? `${(best / rmse).toFixed(1)} times closer than` : "no closer than";
  const guesses = seasonalNaiveRmse === undefined ? "the simplest guess" : "the better of two simple guesses";
  return (
    <div class="verdict" data-testid="errors">
      <p>
        On the {count(actual.length - from)} rows that it never saw, the model errs by{" "}
        <strong>{rmse.toPrecision(3)}</strong> in {target} from row to row, {verdict} {guesses}.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">One row ahead</th>
            <th scope="col">Root mean squared error</th>
          </tr>
        </thead>
        <tbody>
          <Row title="This model" value={rmse} />
          {seasonalNaiveRmse !== undefined && (
            <Row title={`The value ${season} rows before`} value={seasonalNaiveRmse} />
          )}
          <Row title="The value of the row before" value={persistenceRmse} />
        </tbody>
      </table>
      <p class="quiet">The model's mean absolute error is {mae.toPrecision(3)}.</p>
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
