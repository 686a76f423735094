import { useState } from "preact/hooks";
import { NumberField } from "./field.js";
import { numberIn } from "./text-form.js";
import { ToldFailure } from "./told-failure.js";
import type { SessionHandle } from "./use-session.js";

/** Goes on with the series. */
export function ForecastPanel({ view, send }: SessionHandle) {
  const [horizon, setHorizon] = useState("24");
  const { failure, forecast, phase } = view;
  const error = failure?.where === "forecast" && failure.option === "horizon" ? failure.message : undefined;
  const isReady = phase === "done" || phase === "paused";
  return (
    <section class="panel" aria-label="Forecast">
      <h2>Go on with it</h2>
      <p>The rows after the last, foretold one after the other, each from those before it.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send({ type: "forecast", horizon: numberIn(horizon) });
        }}
      >
        <NumberField label="Rows to foretell" value={horizon} onValue={setHorizon} error={error} />
        <div class="controls">
          <button type="submit" disabled={!isReady}>
            Forecast
          </button>
        </div>
      </form>
      <ToldFailure failure={failure} where="forecast" />
      {forecast && (
        <p class="values" data-testid="forecast">
          {forecast.map((value) => Number(value.toPrecision(4))).join("  ")}
        </p>
      )}
    </section>
  );
}
