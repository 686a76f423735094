import { InputError, type Model } from "lstm-wasm";
import { type Forecaster, getForecaster, type TimeSeries } from "lstm-wasm/forecast";
import { getTrainingRun, matchesTrainingData } from "lstm-wasm/inspect";
import { AIRLINE } from "../../common/airline.js";
import type { Content } from "../../common/protocol.js";
import type { Run, Source } from "../run/run.js";
import { SeriesSubject } from "../run/series-subject.js";
import { readSeries } from "./read-series.js";

/**
 * The run of a forecaster on the table that it was trained on, if the page has that one; else the model alone, for the table
 * that it has.
 *
 * @throws InputError for another model, and where no table has the columns
 */
export function openSeriesRun(model: Model, source: Source, current: Content): Run {
  if (model.attributes.has("series"))
    throw new InputError(
      "this model forecasts columns that were represented by hand (--logarithm, --difference, --scaling or --no-auto): " +
        "only the command line does that",
    );
  if (!model.attributes.has("forecaster"))
    throw new InputError("this model forecasts no series: open it on the Text tab to compute with it");
  const forecaster = getForecaster(model);
  const table = source.table ?? {};
  const tables = [current, AIRLINE].flatMap((content) => {
    const series = attempt(() => readSeries(content.text, forecaster.reading, table).series);
    return series ? [{ content, series }] : [];
  });
  const hasRun = getTrainingRun(model) !== undefined;
  for (const { content, series } of hasRun ? tables : []) {
    const data = attempt(() => forecaster.examples(series));
    if (data && matchesTrainingData(model, data)) return { ...runOf(forecaster, content, series, source), data };
  }
  const [other] = tables;
  if (!other) throw new InputError(missingTable(source, forecaster));
  const note = hasRun
    ? `${trainedOn(source)}, which this page does not have.`
    : "This model comes without its training.";
  return {
    ...runOf(forecaster, other.content, other.series, source),
    isModelOnly: true,
    note: `${note} It forecasts the table above, but is not trained on it.`,
  };
}

const runOf = (
  forecaster: Forecaster,
  content: Content,
  series: readonly TimeSeries[],
  { table = {} }: Source,
): Run => ({
  kind: "series",
  content,
  model: forecaster.model,
  data: [],
  subject: new SeriesSubject(forecaster, series, table),
  isOpened: true,
});

const trainedOn = ({ csv }: Source): string => `This checkpoint was trained on ${csv ? `“${csv}”` : "another table"}`;

function missingTable(source: Source, { reading }: Forecaster): string {
  const names = [...reading.columns, ...(reading.knownFuture ?? []), ...(reading.static ?? [])];
  return (
    `${trainedOn(source).replace("T", "t")}, which this page does not have: choose or paste a table with ` +
    `${names.map((name) => `“${name}”`).join(", ")} above, then open the checkpoint again`
  );
}

/** What works on this table, if it does. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
