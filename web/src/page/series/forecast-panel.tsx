import { PREDICT_OPTIONS } from "lstm-wasm/forecast";
import { useState } from "preact/hooks";
import type { ForecastRow } from "../../common/series.js";
import { plural } from "../elements/format.js";
import { type FieldSpec, fieldsOf, fill, read } from "../options/fields.js";
import { OptionField } from "../options/option-field.js";
import { FailureMessage } from "../run/failure-message.js";
import type { SessionHandle } from "../session/use-session.js";
import { alike, percentage } from "./number.js";

const horizon: FieldSpec = { ...PREDICT_OPTIONS.horizon, type: "integer", min: 1, placeholder: "as trained for" };
const FIELDS = fieldsOf("PREDICT_OPTIONS", { horizon });

/** Forecasts the rows after the last. */
export function ForecastPanel({ view, send, attempt }: SessionHandle) {
  const [values, setValues] = useState(fill(FIELDS, {}));
  const { failure, shown, phase, run } = view;
  const error = failure?.where === "forecast" && failure.option === "horizon" ? failure.message : undefined;
  const isReady = ["done", "paused", "model", "diverged"].includes(phase);
  const hasForecast = run !== undefined && shown !== undefined && shown.forecastRows > 0;
  return (
    <section class="panel" aria-label="Forecast">
      <h2>Forecast</h2>
      <p>The rows after the last one, in the units and with the dates of the table.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          attempt("forecast", () => send({ type: "forecast", ...(read(FIELDS, values) as { horizon?: number }) }));
        }}
      >
        <OptionField
          field={FIELDS["horizon"]!}
          fields={FIELDS}
          values={values}
          onValue={(option, value) => setValues({ [option]: value })}
          error={error}
        />
        <div class="controls">
          <button type="submit" disabled={!isReady}>
            Forecast
          </button>
          {hasForecast && (
            <button type="button" disabled={!isReady} onClick={() => send({ type: "forecastFile" })}>
              Download CSV
            </button>
          )}
        </div>
      </form>
      <FailureMessage failure={failure} where="forecast" fields={["horizon"]} />
      {shown?.unforecastable !== undefined && (
        <p>There is nothing to forecast of this series: {shown.unforecastable}.</p>
      )}
      {hasForecast && (
        <ForecastTable
          caption={shown.id === undefined ? shown.target : `${shown.target} of ${shown.id}`}
          rows={shown.forecast}
          total={shown.forecastRows}
          share={shown.share}
        />
      )}
    </section>
  );
}

function ForecastTable({
  caption,
  rows,
  total,
  share,
}: {
  readonly caption: string;
  readonly rows: readonly ForecastRow[];
  readonly total: number;
  readonly share: number | undefined;
}) {
  const shown = alike(rows.flatMap(({ value, low, high }) => [value, low, high]));
  return (
    <table class="figures" data-testid="forecast">
      <caption>
        {caption}
        {rows.length < total && `, the first ${rows.length} of ${plural(total, "row")}: the CSV has them all`}
      </caption>
      <thead>
        <tr>
          <th scope="col">Row</th>
          <th scope="col">Forecast</th>
          {share !== undefined && <th scope="col">{percentage(share)} interval</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ place, value, low, high }) => (
          <tr key={place}>
            <th scope="row">{place}</th>
            <td>{shown(value)}</td>
            {low !== undefined && high !== undefined && (
              <td>
                {shown(low)} to {shown(high)}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
