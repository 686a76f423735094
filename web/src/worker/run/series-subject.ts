import type { Model } from "lstm-wasm";
import type { Anomaly, BacktestScores, Forecast, Forecaster, TimeSeries } from "lstm-wasm/forecast";
import { describeEncoding, getForecaster } from "lstm-wasm/forecast";
import type { SeriesInfo, TableReading } from "../../common/series.js";

/** The series of a run, their forecaster, and what it has said of them so far. */
export class SeriesSubject {
  /** Forecasts of the rows that were held out, and their errors. */
  tested: readonly Forecast[] = [];
  scores: BacktestScores | undefined;
  /** Forecasts of the rows to come, one for each series of which there is something to forecast. */
  forecasts: readonly Forecast[] = [];
  /** Why there is nothing to forecast of the others, by id. */
  unforecastable: ReadonlyMap<string | undefined, string> = new Map();
  /** Rows outside their interval that are marked. */
  marked: readonly Anomaly[] = [];

  constructor(
    readonly forecaster: Forecaster,
    readonly series: readonly TimeSeries[],
    private readonly table: TableReading,
  ) {}

  get info(): SeriesInfo {
    const { settings, encoding, isNaive } = this.forecaster;
    return { table: this.table, settings, encoding: describeEncoding(encoding), isNaive };
  }

  get target(): string {
    return this.forecaster.settings.target;
  }

  /** Whether rows of a series were held out, or it was not trained on at all. */
  get hasTest(): boolean {
    return this.series.some(({ id, columns }) => columns[this.target]!.length > this.forecaster.trainedRows(id));
  }

  /** The outermost quantiles, if there are two. */
  get bounds(): readonly [low: number, high: number] | undefined {
    const { quantiles } = this.forecaster.settings;
    const [low, high] = [quantiles[0], quantiles.at(-1)];
    return low !== undefined && high !== undefined && low < high ? [low, high] : undefined;
  }

  /** The same series as another network forecasts them, such as this one at an earlier moment; nothing of it is known yet. */
  forecastBy(model: Model): SeriesSubject {
    return new SeriesSubject(getForecaster(model), this.series, this.table);
  }

  /** Drops what the model will no longer say once it has been trained on. */
  forget(): void {
    this.tested = [];
    this.scores = undefined;
    this.forecasts = [];
    this.unforecastable = new Map();
    this.marked = [];
  }
}
