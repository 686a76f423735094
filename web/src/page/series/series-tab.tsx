import type { Backend } from "lstm-wasm";
import { type Missing, TABLE_OPTIONS } from "lstm-wasm/forecast";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { checkpointName } from "../../common/checkpoint-name.js";
import { lengthOf } from "../../common/content.js";
import type { GivenContent } from "../../common/protocol.js";
import type { Part, SeriesMoment } from "../../common/series.js";
import { Choice } from "../elements/choice.js";
import { SelectField } from "../elements/field.js";
import { count, epochs } from "../elements/format.js";
import { SourceField } from "../elements/source-field.js";
import { shownOptions, withValue } from "../options/fields.js";
import { choiceTitle, labelOf } from "../options/labels.js";
import { LinkProblems } from "../options/link-problems.js";
import { useLink } from "../options/use-link.js";
import { CheckpointPanel } from "../run/checkpoint-panel.js";
import { runActions } from "../run/run-actions.js";
import { SavedRunOffer } from "../run/saved-run.js";
import { Status } from "../run/status.js";
import { TimeTravel } from "../run/time-travel.js";
import { TrainingPanel } from "../run/training-panel.js";
import { useFocusOnError } from "../run/use-focus-on-error.js";
import { type Moments, useMoments } from "../session/use-moments.js";
import { type SessionHandle, useSession } from "../session/use-session.js";
import { AnomaliesPanel } from "./anomalies-panel.js";
import { ForecastChart } from "./forecast-chart.js";
import { ForecastPanel } from "./forecast-panel.js";
import { frameOfForecasts } from "./frame.js";
import { InsideSeries } from "./inside-series.js";
import { SearchProgress } from "./search-progress.js";
import {
  configOf,
  contentOf,
  exampleForm,
  FIELDS,
  formOf,
  INITIAL_FORM,
  ownForm,
  type SeriesForm,
  withSuggestions,
} from "./series-form.js";
import { SeriesSettings } from "./series-settings.js";
import { TablePreview } from "./table-preview.js";
import { TestReport } from "./test-report.js";
import { type TableState, useTable } from "./use-table.js";
import "../../style/series.css";

/** What may be done about what is missing. */
const MISSING = Object.fromEntries(TABLE_OPTIONS.missing.choices!.map((name) => [name, choiceTitle(name)]));

const PARTS: Readonly<Record<Part, string>> = { all: "All rows", end: "The end" };

const fetchLinks = () => import("./link.js");

/** Trains on one or many series, and forecasts them. */
export function SeriesTab() {
  const session = useSession("series");
  const { view, send } = session;
  const { phase, run, failure } = view;
  const [form, setForm] = useState(INITIAL_FORM);
  const change = (changes: Partial<SeriesForm>) => setForm((before) => ({ ...before, ...changes }));
  const changeValue = (option: string, value: string | boolean) =>
    setForm((before) => withValue(before, option, value));
  useEffect(() => {
    if (run?.isOpened) setForm((before) => formOf(before, run));
  }, [run]);
  const reading = useTable(form, session);
  const { table, isCurrent } = reading;
  // In a layout effect, so that the fields never show the columns of another table.
  useLayoutEffect(() => {
    if (table && isCurrent) setForm((before) => withSuggestions(before, table));
  }, [table, isCurrent]);
  const box = useFocusOnError<HTMLDivElement>(failure);
  const content = contentOf(form);
  const hasRun = phase !== "empty";
  const linkProblems = useLink(1, form, fetchLinks, (linked) => {
    if (!hasRun) setForm(linked);
  });
  const isBusy = phase === "training" || phase === "preparing";
  const moments = useMoments(view.seriesMoments, phase === "training");
  // At rest, more is known of the network as it is now than of its moments.
  const moment = moments.isLookingBack || phase === "training" ? moments.shown : undefined;
  return (
    <div ref={box}>
      <LinkProblems problems={linkProblems} />
      <SavedRunOffer view={view} send={send} />
      <div class="stage">
        <Result {...session} form={form} moments={moments} moment={moment} />
        <TrainingPanel
          {...session}
          {...runActions(session, form, setForm, FIELDS, configOf)}
          fields={["target", ...shownOptions(FIELDS, form.values)]}
          at={moments.isLookingBack ? moments.shown?.epoch : undefined}
          isReading={view.filesBeingRead > 0 || reading.isAwaited}
          tokens="windows"
          unit="scaled units"
        >
          <Source {...session} form={form} setForm={setForm} reading={reading} disabled={hasRun} />
        </TrainingPanel>
      </div>
      <TimeTravel moments={moments} />
      <InsideSeries {...session} moments={moment && moments} />
      <div class="panels">
        <SeriesSettings
          form={form}
          change={change}
          onValue={changeValue}
          table={table}
          failure={failure}
          backends={view.backends}
          hasRun={hasRun}
          isBusy={isBusy}
        />
        <div class="stacked">
          <ForecastPanel {...session} />
          <AnomaliesPanel {...session} />
        </div>
        <CheckpointPanel
          {...session}
          current={content}
          backend={form.values["backend"] as Backend | "auto"}
          command={`npx lstm-wasm forecast --model ${checkpointName(content)} --csv ${content.file ?? "FILE.csv"}`}
        />
      </div>
      <Status view={view} />
    </div>
  );
}

interface ResultProps extends SessionHandle {
  readonly form: SeriesForm;
  readonly moments: Moments<SeriesMoment>;
  /** The one that is shown in place of the network as it is now. */
  readonly moment: SeriesMoment | undefined;
}

/** The series, and what the model says of it. */
function Result({ view, send, form, moments, moment }: ResultProps) {
  const { table, search, seriesEvaluation } = view;
  const shown = moment?.shown ?? view.shown;
  const ids = table?.ids ?? [];
  const frame = useMemo(() => frameOfForecasts(moments.all), [moments.all]);
  const show = (id: string | undefined, part: Part) =>
    send({ type: "show", ...(id === undefined ? {} : { id }), part });
  return (
    <section class="series" aria-label="Series and forecast">
      <p class="kicker">
        {form.data === "airline" ? "Monthly airline passengers, 1949 to 1960, in thousands" : form.target}
      </p>
      {shown && (ids.length > 1 || shown.hasEnd) && (
        <div class="row choice">
          {ids.length > 1 && (
            <SelectField
              label="Shown series"
              value={shown.id ?? ""}
              options={Object.fromEntries(ids.map((id) => [id, id]))}
              onValue={(id) => show(id, shown.part)}
              hint={
                table && table.count > ids.length
                  ? `The first ${count(ids.length)} of ${count(table.count)}.`
                  : undefined
              }
            />
          )}
          {shown.hasEnd && (
            <Choice
              label="Part of the series"
              options={PARTS}
              value={shown.part}
              onValue={(part) => show(shown.id, part)}
            />
          )}
        </div>
      )}
      <ForecastChart shown={shown} frame={frame} />
      {moment && (
        <p class="quiet" data-testid="moment" data-epoch={moment.epoch}>
          What the network forecast after {epochs(moment.epoch)}
          {shown?.testRmse !== undefined && `, with a typical error (RMSE) of ${shown.testRmse.toPrecision(4)}`}.
        </p>
      )}
      {seriesEvaluation ? (
        <TestReport evaluation={seriesEvaluation} from={shown?.testFrom} />
      ) : search ? null : (
        <p class="waiting">
          Press Train. Trials find out how to read the series; then the network learns to forecast the rows to come. The
          end of each series is held out to test it.
        </p>
      )}
      {seriesEvaluation && seriesEvaluation.series > 1 && shown?.testRmse !== undefined && (
        <p class="quiet">The typical error (RMSE) of this series alone is {shown.testRmse.toPrecision(4)}.</p>
      )}
      {search && <SearchProgress search={search} />}
    </section>
  );
}

/** Whether a table takes the place of another, and is not the same with a few more characters. */
const isAnother = (before: GivenContent, content: GivenContent): boolean =>
  content.file !== undefined || lengthOf(before) === 0;

/** Where the series come from, and how they are read. */
function Source({
  view,
  readFile,
  form,
  setForm,
  reading: { table, isCurrent, problem },
  disabled,
}: SessionHandle & {
  readonly form: SeriesForm;
  readonly setForm: (form: SeriesForm) => void;
  readonly reading: TableState;
  readonly disabled: boolean;
}) {
  const { failure } = view;
  const refused = problem ?? (isCurrent ? table?.problem : undefined);
  const dataError = failure?.where === "data" ? failure.message : refused;
  return (
    <>
      <SelectField
        label="Series"
        value={form.data}
        options={{ airline: "Airline passengers", own: "Your own" }}
        onValue={(data) => setForm(data === "airline" ? exampleForm(form) : ownForm(form, form.own))}
        disabled={disabled}
        error={form.data === "own" ? undefined : dataError}
      />
      {form.data === "own" && (
        <>
          <SourceField
            readFile={readFile}
            label="Your own table (CSV with a header)"
            content={form.own}
            onContent={(own) => setForm(isAnother(form.own, own) ? ownForm(form, own) : { ...form, own })}
            disabled={disabled}
            accept=".csv,.tsv,.txt,text/csv,text/plain"
            error={dataError}
          />
          {table && (
            <SelectField
              label={labelOf("missing")}
              value={form.missing}
              options={MISSING}
              onValue={(missing) => setForm({ ...form, missing: missing as Missing })}
              disabled={disabled}
            />
          )}
        </>
      )}
      {table && <TablePreview table={table} />}
    </>
  );
}
