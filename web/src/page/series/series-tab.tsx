import type { Backend } from "lstm-wasm";
import type { Missing } from "lstm-wasm/forecast";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { SelectField } from "../elements/field.js";
import { plural } from "../elements/format.js";
import { parseNumber } from "../elements/number-text.js";
import { SourceField } from "../elements/source-field.js";
import { shownOptions, withValue } from "../options/fields.js";
import { resumeOptions } from "../options/run-fields.js";
import { CheckpointPanel } from "../run/checkpoint-panel.js";
import { SavedRunOffer } from "../run/saved-run.js";
import { Status } from "../run/status.js";
import { TrainingPanel } from "../run/training-panel.js";
import { useFocusOnError } from "../run/use-focus-on-error.js";
import { useSession } from "../session/use-session.js";
import { type Columns, columnsIn, gapsIn, type TargetRows, targetRows } from "./csv-columns.js";
import { ForecastChart } from "./forecast-chart.js";
import { ForecastPanel } from "./forecast-panel.js";
import {
  configOf,
  contentOf,
  exampleForm,
  FIELDS,
  formOf,
  INITIAL_FORM,
  ownForm,
  type SeriesForm,
} from "./series-form.js";
import { SeriesSettings } from "./series-settings.js";
import { TestErrors } from "./test-errors.js";

const NO_COLUMNS: Columns = { names: [], missing: {} };
const NO_ROWS: TargetRows = { values: [], notes: [] };

/** What may be done about what is missing. */
const MISSING: Readonly<Record<Missing, string>> = {
  error: "Say where, and stop",
  interpolate: "Fill in a straight line",
  drop: "Leave those rows out",
};

/** Trains on a numeric series. */
export function SeriesTab() {
  const session = useSession("series");
  const { view, send, attempt } = session;
  const { phase, run, failure } = view;
  const [form, setForm] = useState(INITIAL_FORM);
  const change = (changes: Partial<SeriesForm>) => setForm((before) => ({ ...before, ...changes }));
  const changeValue = (option: string, value: string | boolean) =>
    setForm((before) => withValue(before, option, value));
  useEffect(() => {
    if (run?.isOpened) setForm((before) => formOf(before, run));
  }, [run]);
  const content = contentOf(form);
  const { text } = content;
  const columns = useMemo(() => (text === "" ? NO_COLUMNS : columnsIn(text)), [text]);
  // The columns of another table: by default the last one is the target, predicted from itself. In a layout effect, so that
  // the fields never show the old columns.
  useLayoutEffect(() => {
    const target = columns.names.at(-1);
    if (target === undefined) return;
    if (!columns.names.includes(form.target)) change({ target, columns: [target] });
    else change({ columns: form.columns.filter((name) => columns.names.includes(name)) });
  }, [columns]);
  const inputs = form.columns.filter((name) => columns.names.includes(name)).join("\n");
  const rows = useMemo(
    () =>
      columns.names.includes(form.target)
        ? targetRows(text, form.target, inputs.split("\n").filter(Boolean), form.missing)
        : NO_ROWS,
    [columns, text, form.target, inputs, form.missing],
  );
  const box = useFocusOnError<HTMLDivElement>(failure);
  const hasRun = phase !== "empty";
  const isBusy = phase === "training" || phase === "preparing";
  const dataError = failure?.where === "data" ? failure.message : (columns.problem ?? rows.problem);
  return (
    <div ref={box}>
      <SavedRunOffer view={view} send={send} />
      <div class="stage">
        <section class="series" aria-label="Series and forecast">
          <p class="kicker">
            {form.data === "airline" ? "Monthly airline passengers, 1949 to 1960, in thousands" : form.target}
          </p>
          <ForecastChart rows={rows} evaluation={view.seriesEvaluation} forecast={view.forecast} />
          {view.seriesEvaluation ? (
            <TestErrors evaluation={view.seriesEvaluation} />
          ) : (
            <p class="waiting">
              Press Train. The model reads a window of rows and predicts the next one. The end of the series is held out
              to test it.
            </p>
          )}
        </section>
        <TrainingPanel
          {...session}
          onTrain={() => attempt("run", () => send({ type: "train", config: configOf(form) }))}
          onResume={(epochs) => {
            const resumed = epochs === undefined ? form : withValue(form, "epochs", String(epochs));
            setForm(resumed);
            attempt("run", () => send({ type: "resume", options: resumeOptions(FIELDS, resumed.values) }));
          }}
          epochs={parseNumber(String(form.values["epochs"]))}
          fields={["target", ...shownOptions(FIELDS, form.values)]}
          tokens="windows"
          unit={form.values["loss"] === "huber" ? "scaled units" : "squared scaled units"}
        >
          <SelectField
            label="Series"
            value={form.data}
            options={{ airline: "Airline passengers", own: "Your own" }}
            onValue={(data) => change(data === "airline" ? exampleForm(form) : ownForm(form))}
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
          {form.data === "own" && columns.names.length > 0 && (
            <SelectField
              label="Empty cells and missing dates"
              value={form.missing}
              options={MISSING}
              onValue={(missing) => change({ missing: missing as Missing })}
              disabled={hasRun}
              hint={gapsIn(columns, [...new Set([form.target, ...form.columns])])}
            />
          )}
          {rows.notes.length > 0 && (
            <p class="hint" data-testid="reading">
              {plural(rows.values.length, "row")}; {rows.notes.join("; ")}.
            </p>
          )}
        </TrainingPanel>
      </div>
      <div class="panels">
        <SeriesSettings
          form={form}
          change={change}
          onValue={changeValue}
          columns={columns.names}
          failure={failure}
          backends={view.backends}
          hasRun={hasRun}
          isBusy={isBusy}
        />
        <ForecastPanel {...session} rows={rows} target={form.target} />
        <CheckpointPanel
          {...session}
          current={content}
          backend={form.values["backend"] as Backend | "auto"}
          command="npm run forecast -- --model airline-passengers.safetensors --csv examples/airline-passengers.csv"
        />
      </div>
      <Status view={view} />
    </div>
  );
}
