import { parseCsvColumns } from "lstm-wasm";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { CheckpointPanel } from "./checkpoint-panel.js";
import { columnsIn } from "./csv-columns.js";
import { Desk } from "./desk.js";
import { ErrorsInWords } from "./errors-in-words.js";
import { SelectField } from "./field.js";
import { ForecastChart } from "./forecast-chart.js";
import { ForecastPanel } from "./forecast-panel.js";
import { KeptRun } from "./kept-run.js";
import { contentOf, FIRST, formOf, planOf, type SeriesForm } from "./series-form.js";
import { SeriesSettings } from "./series-settings.js";
import { Status } from "./status.js";
import { numberIn } from "./text-form.js";
import { TextSource } from "./text-source.js";
import { useFocusOnError } from "./use-focus-on-error.js";
import { useSession } from "./use-session.js";

/** Learning a numeric series. */
export function NumbersTab() {
  const session = useSession("series");
  const { view, send } = session;
  const { phase, run, failure } = view;
  const [form, setForm] = useState(FIRST);
  const change = (changes: Partial<SeriesForm>) => setForm((before) => ({ ...before, ...changes }));
  useEffect(() => {
    if (run) setForm((before) => formOf(before, run));
  }, [run]);
  const content = contentOf(form);
  const { text } = content;
  const columns = useMemo(() => (text === "" ? { names: [] } : columnsIn(text)), [text]);
  // Another table has other columns: of those the last one is foretold, from itself. Before anybody can choose.
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
  const isSettled = phase !== "empty";
  const isBusy = phase === "training" || phase === "preparing";
  const dataError = failure?.where === "data" ? failure.message : columns.problem;
  return (
    <div ref={box}>
      <KeptRun view={view} send={send} />
      <div class="stage">
        <section class="series" aria-label="The series and its forecast">
          <p class="kicker">
            {form.data === "airline" ? "Airline passengers by month, 1949 to 1960, in thousands" : form.target}
          </p>
          <ForecastChart actual={actual} tested={view.tested} forecast={view.forecast} />
          {view.tested ? (
            <ErrorsInWords tested={view.tested} />
          ) : (
            <p class="waiting">
              Press Train. The model reads {form.window || "some"} rows and foretells the next; the last part of the
              series is held out to see how well.
            </p>
          )}
        </section>
        <Desk
          view={view}
          send={send}
          onTrain={() => send({ type: "train", plan: planOf(form) })}
          epochs={numberIn(form.epochs)}
          onEpochs={(epochs) => change({ epochs: String(epochs) })}
          things="windows"
          unit="scaled units, squared"
        >
          <SelectField
            label="Series"
            value={form.data}
            options={{ airline: "Airline passengers", own: "Your own" }}
            onValue={(data) => change(data === "airline" ? FIRST : { data: "own" })}
            disabled={isSettled}
            error={form.data === "own" ? undefined : dataError}
          />
          {form.data === "own" && (
            <TextSource
              label="Your own table, as CSV with a header"
              content={form.own}
              onContent={(own) => change({ own })}
              disabled={isSettled}
              accept=".csv,text/csv,text/plain"
              error={dataError}
            />
          )}
        </Desk>
      </div>
      <div class="panels">
        <SeriesSettings
          form={form}
          change={change}
          columns={columns.names}
          failure={failure}
          backends={view.backends}
          isSettled={isSettled}
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
