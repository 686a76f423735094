import { InputError } from "lstm-wasm";
import type { TimeSeries } from "lstm-wasm/forecast";
import type { SeriesSubject } from "../run/series-subject.js";

/** Held-out rows that are forecast at each moment of a run, the last ones: all of a long series would take too long. */
const MOST_ROWS = 500;

/** Has a subject's network forecast one series: the rows that were held out, and those to come. */
export async function forecastOne(subject: SeriesSubject, series: TimeSeries): Promise<void> {
  const { forecaster, target } = subject;
  const rows = series.columns[target]!.length;
  const from = Math.max(forecaster.trainedRows(series.id), rows - MOST_ROWS);
  const tested = from < rows && (await unlessRefused(() => forecaster.historicalForecasts([series], { from })));
  if (tested) {
    subject.tested = tested;
    subject.scores = forecaster.score([series], tested);
  }
  const forecasts = await unlessRefused(() => forecaster.predict([series]));
  if (forecasts) subject.forecasts = forecasts;
}

/** What an action gives; undefined where rows or columns are missing for it. */
export async function unlessRefused<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}
