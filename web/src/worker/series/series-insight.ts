import type { TimeSeries } from "lstm-wasm/forecast";
import { trace } from "lstm-wasm/inspect";
import type { SeriesInsight } from "../../common/series.js";
import { activityOf } from "../inside/insight.js";
import type { SeriesSubject } from "../run/series-subject.js";
import { placeOf } from "./shown-series.js";

/** Rows to choose from, at most. */
const MOST_ROWS = 500;

/**
 * What goes on in the network while it reads the last rows up to one of a series, and what it forecasts then; undefined for a
 * forecaster that does without its network.
 *
 * @param wanted the row, by default the last after which all that is forecast has come; the nearest that is allowed
 * @throws InputError where columns would have to be known that are not
 */
export async function insightInto(
  { forecaster, target }: SeriesSubject,
  series: TimeSeries,
  wanted: number | undefined,
): Promise<SeriesInsight | undefined> {
  const { model, encoding, isNaive } = forecaster;
  if (isNaive) return undefined;
  const values = series.columns[target]!;
  const last = values.length - 1;
  const trained = forecaster.trainedRows(series.id);
  const first = Math.max(
    Math.min(last, trained > 0 ? trained - 1 : encoding.window + encoding.season),
    last - MOST_ROWS,
  );
  const after = Math.max(first, Math.min(wanted ?? last - encoding.horizon, last));
  const inputs = forecaster.inputs(series, after);
  const steps = inputs.length / model.config.inputSize;
  const known = model.config.returnSequences ? steps - encoding.horizon : steps;
  const from = after - known + 1;
  const rows = Array.from({ length: known + encoding.horizon }, (_, i) => from + i);
  const forecast = await forecastAfter(forecaster, series, after, last);
  const places = rows.map((row) => placeOf(series, row));
  return {
    ...{ after, first, last, places },
    actual: rows.map((row) => values[row] ?? Number.NaN),
    // Begins at the last row that is read, so that the line has no gap.
    forecast: rows.map((row) => (row === after ? values[after]! : (forecast[row - after - 1] ?? Number.NaN))),
    insight: {
      tokens: places.slice(0, steps),
      surprisal: new Float32Array(0),
      likeliest: { width: 0, tokens: [], probabilities: new Float32Array(0) },
      units: model.config.hiddenSize,
      layer: model.config.layers,
      layers: model.config.layers,
      activity: activityOf(trace(model, inputs).layers.at(-1)![0]!),
      isHeldOut: after >= trained,
    },
  };
}

async function forecastAfter(
  forecaster: SeriesSubject["forecaster"],
  series: TimeSeries,
  after: number,
  last: number,
): Promise<readonly number[]> {
  if (after === last) return (await forecaster.predict(series)).mean;
  const [one] = await forecaster.historicalForecasts(series, { from: after + 1, stride: last + 1 });
  return one!.mean;
}
