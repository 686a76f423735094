import type { Anomaly, TimeSeries } from "lstm-wasm/forecast";
import { whole } from "../../common/content.js";
import { toFailure } from "../../common/failure.js";
import type { Command, Failure, Report } from "../../common/protocol.js";
import type { Anomalies, Part, Scope, SeriesInsight, SeriesMoment } from "../../common/series.js";
import type { SeriesSubject } from "../run/series-subject.js";
import { describeTable } from "./describe-table.js";
import { evaluationOf } from "./evaluation.js";
import { forecastCsv } from "./forecast-csv.js";
import { forecastOne, unlessRefused } from "./forecast-one.js";
import { insightInto } from "./series-insight.js";
import { placeOf, shownSeries } from "./shown-series.js";

/** Anomalies that are listed. */
const LISTED = 20;

/** A command about series. */
type SeriesCommand = Extract<
  Command,
  { readonly type: "table" | "show" | "inspect" | "forecast" | "forecastFile" | "detect" }
>;

/** Where tables are read, and series drawn: those of the run or, without one, those of the table in the form. */
export class SeriesDesk {
  private table: { readonly series: readonly TimeSeries[]; readonly target: string } | undefined;
  private id: string | undefined;
  private part: Part = "all";
  private inspection: { readonly isOpen: boolean; readonly after?: number } = { isOpen: false };

  constructor(private readonly post: (report: Report) => void) {}

  /** @throws InputError, OptionError for what the model cannot do */
  async perform(command: SeriesCommand, subject: SeriesSubject | undefined): Promise<void> {
    switch (command.type) {
      case "table":
        return this.readTable(command, subject);
      case "show":
        this.id = command.id;
        this.part = command.part;
        this.draw(subject);
        return this.inspect(subject);
      case "inspect":
        this.inspection = command;
        return this.inspect(subject);
      case "forecast":
        return subject && this.forecast(subject, command.horizon);
      case "forecastFile":
        return subject && this.offerFile(subject);
      case "detect":
        return subject && this.detect(subject, command.scope, command.score);
    }
  }

  /**
   * Compares forecasts of the rows that were held out with these, and forecasts the rows to come.
   *
   * @returns why these could not be
   */
  async judge(subject: SeriesSubject): Promise<Failure | undefined> {
    const { forecaster, series } = subject;
    if (subject.hasTest) {
      subject.tested = await forecaster.historicalForecasts(series);
      subject.scores = forecaster.score(series, subject.tested);
    }
    this.post({ type: "seriesEvaluation", evaluation: evaluationOf(subject) });
    let failure: Failure | undefined;
    try {
      await this.forecast(subject, undefined);
    } catch (error) {
      this.draw(subject);
      failure = toFailure(error, "forecast");
    }
    await this.inspect(subject);
    return failure;
  }

  /** Reports the series that is shown. */
  draw(subject: SeriesSubject | undefined): void {
    const { series = [], target } = subject ?? this.table ?? {};
    const one = this.chosen(series);
    const shown = one && target !== undefined ? shownSeries(one, target, this.part, subject) : undefined;
    this.post({ type: "series", shown });
  }

  private chosen(series: readonly TimeSeries[]): TimeSeries | undefined {
    return series.find(({ id }) => id === this.id) ?? series[0];
  }

  /** Reports what goes on in the network, if somebody looks. */
  async inspect(subject: SeriesSubject | undefined): Promise<void> {
    const one = subject && this.chosen(subject.series);
    if (!this.inspection.isOpen || !one) return;
    this.post({ type: "seriesInsight", seriesInsight: await this.lookInto(subject, one) });
  }

  /**
   * What a network forecasts of the series that is shown, and what goes on in it, if somebody looks.
   *
   * @param subject by the network, whose forecasts are not known yet
   * @returns undefined for a forecaster that does without its network
   */
  async momentOf(subject: SeriesSubject, epoch: number): Promise<SeriesMoment | undefined> {
    const one = this.chosen(subject.series);
    if (!one || subject.forecaster.isNaive) return undefined;
    await forecastOne(subject, one);
    const shown = shownSeries(one, subject.target, this.part, subject);
    const seriesInsight = this.inspection.isOpen ? await this.lookInto(subject, one) : undefined;
    return { epoch, shown, ...(seriesInsight ? { seriesInsight } : {}) };
  }

  private async lookInto(subject: SeriesSubject, series: TimeSeries): Promise<SeriesInsight | undefined> {
    // The forecast's panel says what is missing.
    return unlessRefused(() => insightInto(subject, series, this.inspection.after));
  }

  private async readTable(
    { request, content, choice }: Extract<Command, { readonly type: "table" }>,
    subject: SeriesSubject | undefined,
  ): Promise<void> {
    const { report, series } = describeTable((await whole(content)).text, choice);
    const { target } = report.choice;
    this.table = target === undefined ? undefined : { series, target };
    this.post({ type: "table", table: { ...report, request } });
    this.draw(subject);
  }

  private async forecast(subject: SeriesSubject, horizon: number | undefined): Promise<void> {
    const { forecaster, series } = subject;
    const others = new Map(forecaster.unforecastable(series).map(({ id, reason }) => [id, reason]));
    // Without any, the forecast itself says why.
    const some = others.size < series.length ? series.filter(({ id }) => !others.has(id)) : series;
    subject.forecasts = await forecaster.predict(some, { horizon });
    subject.unforecastable = others;
    this.draw(subject);
  }

  private offerFile({ forecasts, target }: SeriesSubject): void {
    this.post({ type: "file", blob: new Blob([forecastCsv(forecasts, target)]), name: "forecast.csv" });
  }

  private async detect(subject: SeriesSubject, scope: Scope, score: number): Promise<void> {
    const { forecaster, series } = subject;
    const found = await forecaster.detect(series, scope === "all" ? { from: 0 } : {});
    subject.marked = found.filter((one) => one.score >= score);
    this.post({ type: "anomalies", anomalies: anomaliesOf(subject, found.length, score) });
    this.draw(subject);
  }
}

function anomaliesOf({ marked, series }: SeriesSubject, outside: number, least: number): Anomalies {
  const byId = new Map(series.map((one) => [one.id, one]));
  const worst = [...marked].sort((a, b) => b.score - a.score).slice(0, LISTED);
  const line = ({ id, row, value, low, high, score }: Anomaly) => ({
    ...(id === undefined ? {} : { id }),
    place: placeOf(byId.get(id)!, row),
    ...{ value, low, high, score },
  });
  return { outside, marked: marked.length, score: least, worst: worst.map(line) };
}
