import { parseCsvColumns } from "lstm-wasm";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { SelectField } from "../elements/field.js";
import { parseNumber } from "../elements/parse-number.js";
import { SourceField } from "../elements/source-field.js";
import { CheckpointPanel } from "../run/checkpoint-panel.js";
import { SavedRunOffer } from "../run/saved-run.js";
import { Status } from "../run/status.js";
import { TrainingPanel } from "../run/training-panel.js";
import { useFocusOnError } from "../run/use-focus-on-error.js";
import { useSession } from "../session/use-session.js";
import { columnsIn } from "./csv-columns.js";
import { ForecastChart } from "./forecast-chart.js";
import { ForecastPanel } from "./forecast-panel.js";
import { configOf, contentOf, formOf, INITIAL_FORM, type SeriesForm } from "./series-form.js";
import { SeriesSettings } from "./series-settings.js";
import { TestErrors } from "./test-errors.js";

/** Trains on a numeric series. */
export function SeriesTab() {
  const session = useSession("series");
  const { view, send } = session;
  const { phase, run, failure } = view;
  const [form, setForm] = useState(INITIAL_FORM);
  const change = (changes: Partial<SeriesForm>) => setForm((before) => ({ ...before, ...changes }));
  useEffect(() => {
    if (run) setForm((before) => formOf(before, run));
  }, [run]);
  const content = contentOf(form);
  const { text } = content;
  const columns = useMemo(() => (text === "" ? { names: [] } : columnsIn(text)), [text]);
  // The columns of another table: by default the last one is the target, predicted from itself. In a layout effect, so that
  // the fields never show the old columns.
  useLayoutEffect(() => {
    const target = columns.names.at(-1);
    if (target === undefined) return;
    if (!columns.names.includes(form.target)) change({ target, columns: [target] });
    else change({ columns: form.columns.filter((name) => columns.names.includes(name)) });
  }, [columns]);
  const actual = useMemo(
    () =>
      columns.names.includes(form.target) ? Array.from(parseCsvColumns(text, [form.target]).get(form.target)!) : [],
    [columns, text, form.target],
  );
  const box = useFocusOnError<HTMLDivElement>(failure);
  const hasRun = phase !== "empty";
  const isBusy = phase === "training" || phase === "preparing";
  const dataError = failure?.where === "data" ? failure.message : columns.problem;
  return (
    <div ref={box}>
      <SavedRunOffer view={view} send={send} />
      <div class="stage">
        <section class="series" aria-label="Series and forecast">
          <p class="kicker">
            {form.data === "airline" ? "Monthly airline passengers, 1949 to 1960, in thousands" : form.target}
          </p>
          <ForecastChart actual={actual} evaluation={view.seriesEvaluation} forecast={view.forecast} />
          {view.seriesEvaluation ? (
            <TestErrors evaluation={view.seriesEvaluation} />
          ) : (
            <p class="waiting">
              Press Train. The model reads {form.window || "some"} rows and predicts the next one. The end of the series
              is held out to test it.
            </p>
          )}
        </section>
        <TrainingPanel
          view={view}
          send={send}
          onTrain={() => send({ type: "train", config: configOf(form) })}
          epochs={parseNumber(form.epochs)}
          onEpochs={(epochs) => change({ epochs: String(epochs) })}
          tokens="windows"
          unit="squared scaled units"
        >
          <SelectField
            label="Series"
            value={form.data}
            options={{ airline: "Airline passengers", own: "Your own" }}
            onValue={(data) => change(data === "airline" ? INITIAL_FORM : { data: "own" })}
            disabled={hasRun}
            error={form.data === "own" ? undefined : dataError}
          />
          {form.data === "own" && (
            <SourceField
              label="Your own table (CSV with a header)"
              content={form.own}
              onContent={(own) => change({ own })}
              disabled={hasRun}
              accept=".csv,text/csv,text/plain"
              error={dataError}
            />
          )}
        </TrainingPanel>
      </div>
      <div class="panels">
        <SeriesSettings
          form={form}
          change={change}
          columns={columns.names}
          failure={failure}
          backends={view.backends}
          hasRun={hasRun}
          isBusy={isBusy}
        />
        <ForecastPanel view={view} send={send} />
        <CheckpointPanel
          view={view}
          send={send}
          current={content}
          backend={form.backend}
          command="npm run forecast -- --model airline-passengers.safetensors --csv examples/airline-passengers.csv"
        />
      </div>
      <Status view={view} />
    </div>
  );
}
