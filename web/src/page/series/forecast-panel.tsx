import { useState } from "preact/hooks";
import { NumberField } from "../elements/field.js";
import { parseNumber } from "../elements/parse-number.js";
import { FailureMessage } from "../run/failure-message.js";
import type { SessionHandle } from "../session/use-session.js";

/** Forecasts the rows after the last. */
export function ForecastPanel({ view, send }: SessionHandle) {
  const [horizon, setHorizon] = useState("24");
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
          send({ type: "forecast", horizon: parseNumber(horizon) });
        }}
      >
        <NumberField label="Steps ahead" value={horizon} onValue={setHorizon} error={error} />
        <div class="controls">
          <button type="submit" disabled={!isReady}>
            Forecast
          </button>
        </div>
      </form>
      <FailureMessage failure={failure} where="forecast" />
      {forecast && (
        <p class="values" data-testid="forecast">
          {forecast.map((value) => Number(value.toPrecision(4))).join("  ")}
        </p>
      )}
    </section>
  );
}
