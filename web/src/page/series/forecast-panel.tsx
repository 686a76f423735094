import { useState } from "preact/hooks";
import { download } from "../elements/download.js";
import { fieldsOf, fill, read } from "../options/fields.js";
import { OptionField } from "../options/option-field.js";
import { FailureMessage } from "../run/failure-message.js";
import type { SessionHandle } from "../session/use-session.js";
import { forecastCsv, type TargetRows } from "./csv-columns.js";

const FIELDS = fieldsOf("page", { horizon: { type: "integer", min: 1, default: 24 } });

/** Forecasts the rows after the last. */
export function ForecastPanel({
  view,
  send,
  attempt,
  rows,
  target,
}: SessionHandle & { readonly rows: TargetRows; readonly target: string }) {
  const [values, setValues] = useState(fill(FIELDS, {}));
  const { failure, forecast, phase } = view;
  const error = failure?.where === "forecast" && failure.option === "horizon" ? failure.message : undefined;
  const isReady = phase === "done" || phase === "paused";
  return (
    <section class="panel" aria-label="Forecast">
      <h2>Forecast</h2>
      <p>Predict the rows after the last one. Each prediction feeds the next.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          attempt("forecast", () => {
            const { horizon } = read(FIELDS, values) as { horizon: number };
            send({ type: "forecast", horizon });
          });
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
          {forecast && (
            <button
              type="button"
              onClick={() => download(new TextEncoder().encode(forecastCsv(rows, target, forecast)), "forecast.csv")}
            >
              Download CSV
            </button>
          )}
        </div>
      </form>
      <FailureMessage failure={failure} where="forecast" fields={["horizon"]} />
      {forecast && (
        <p class="values" data-testid="forecast">
          {forecast.map((value) => Number(value.toPrecision(4))).join("  ")}
        </p>
      )}
    </section>
  );
}
