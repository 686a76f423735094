import { load, type TrainOptions } from "lstm-wasm";
import {
  describeChoice,
  describeEncoding,
  type FitOptions,
  getForecaster,
  prepareForecaster,
  type Trial,
} from "lstm-wasm/forecast";
import { getTrainingRun } from "lstm-wasm/inspect";
import type { SeriesRunConfig } from "../../common/protocol.js";
import type { Search, TrialLine } from "../../common/series.js";
import { encodingOf, type Run, recordSource, withNote } from "../run/run.js";
import { SeriesSubject } from "../run/series-subject.js";
import { Throttle } from "../scheduling/throttle.js";
import { readSeries } from "./read-series.js";

/** Milliseconds between reports to the page. */
const REPORT_INTERVAL = 100;

/**
 * Chooses how to represent the series of a table, and creates a run on them.
 *
 * @throws OptionError, InputError, BackendError, OutOfMemoryError; the signal's reason
 */
export async function createSeriesRun(
  { content, table, fitting }: SeriesRunConfig,
  signal: AbortSignal,
  onSearch: (search: Search) => void,
): Promise<Run> {
  const { target, columns = [], knownFuture = [], static: statics = [] } = fitting;
  const reading = { columns: [target, ...columns], knownFuture, static: statics };
  const { series } = readSeries(content.text, reading, table);
  const { forecaster, examples, training } = await prepareForecaster(series, {
    ...fitting,
    ...listenersFor(onSearch),
    training: { ...fitting.training, signal },
  });
  const { model, choice } = forecaster;
  if (choice && choice.trials.length > 0) onSearch({ done: choice.trials.map(lineOf), chosen: describeChoice(choice) });
  recordSource(model, { ...(content.file ? { csv: content.file, ...encodingOf(content) } : {}), table });
  return {
    kind: "series",
    content,
    data: examples,
    training: withoutSignal(training),
    subject: new SeriesSubject(forecaster, series, table),
    ...withNote(model, fitting.model?.backend),
  };
}

/**
 * A run that trains the network of another one further, on the same rows, which it reads as before.
 *
 * @param before the other run
 * @param bytes its model, saved
 */
export async function createSeriesRunOf(
  before: Run,
  bytes: Uint8Array,
  { fitting, table }: SeriesRunConfig,
): Promise<Run> {
  const { series } = before.subject!;
  const epochs = getTrainingRun(before.model)?.options.epochs;
  const model = await load(bytes, { backend: before.model.backend });
  const forecaster = getForecaster(model);
  return {
    kind: "series",
    content: before.content,
    data: forecaster.examples(series),
    // Trials found out how many epochs are best, where the form has none.
    training: { ...(epochs === undefined ? {} : { epochs }), ...fitting.training },
    subject: new SeriesSubject(forecaster, series, table),
    ...withNote(model, fitting.model?.backend),
  };
}

/** The signal ends the search alone: training has a way of its own to pause. */
function withoutSignal({ signal: _, ...training }: TrainOptions): TrainOptions {
  return training;
}

function listenersFor(onSearch: (search: Search) => void): Pick<FitOptions, "onTrial" | "onProgress"> {
  const reporting = new Throttle(0.5, REPORT_INTERVAL);
  const done: Trial[] = [];
  return {
    onTrial: (trial) => done.push(trial),
    onProgress: ({ trial, trials, isCalibrating, encoding, epoch, error }) => {
      if (!reporting.isDue) return;
      const what = describeEncoding(encoding);
      const current = { trial, trials, isCalibrating, what, epoch, error };
      reporting.run(() => onSearch({ current, done: done.map(lineOf) }));
    },
  };
}

const lineOf = ({ encoding, error, epochs }: Trial): TrialLine => ({ what: describeEncoding(encoding), error, epochs });
