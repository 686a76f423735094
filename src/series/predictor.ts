import { InputError, OptionError } from "../common/errors.js";
import type { Model } from "../model/model.js";
import { calibratingRows, widenings } from "./conformal.js";
import type { ForecasterDescription } from "./description.js";
import { type EncoderInput, SeriesEncoder } from "./encoder.js";
import { levelsOf, medianOf, type NetworkOptions, type Outputs, outputFor, outputsOf } from "./network.js";

/** A row of a series to forecast after. */
export interface Place {
  readonly input: EncoderInput;
  readonly origin: number;
  /** The first row that was not trained on. */
  readonly unseen: number;
}

/** Runs a forecaster's network after rows of series, and calibrates what it puts out. */
export class Predictor {
  constructor(
    private readonly model: Model,
    private readonly description: ForecasterDescription,
  ) {}

  /** The quantiles that the network puts out. */
  get levels(): readonly number[] {
    return levelsOf(this.description.quantiles, this.model.config as NetworkOptions);
  }

  encoderOf(input: EncoderInput): SeriesEncoder {
    const { encoding, gains } = this.description;
    return new SeriesEncoder(input, encoding, gains, 0, this.levels.length);
  }

  /** @throws OptionError for more rows than can be forecast */
  refuseBeyond(rows: number): void {
    const { encoding, quantiles, columns } = this.description;
    if (rows <= encoding.horizon || (quantiles.length === 0 && columns.length === 0)) return;
    const reason =
      quantiles.length > 0
        ? "its quantiles are calibrated up to there"
        : "later forecasts would need columns of rows to come";
    throw new OptionError("horizon", `at most ${encoding.horizon}, for which it was trained: ${reason}`, rows);
  }

  /** Forecasts after rows of series: of each, the mean and its quantiles, [1 + quantiles][horizon]. */
  async after(origins: readonly Place[], horizon: number): Promise<number[][][]> {
    const { encoding, quantiles, offsets } = this.description;
    this.refuseBeyond(horizon);
    const { levels } = this;
    const bounds = quantiles.map((quantile, q) => ({
      output: outputFor(quantile, levels),
      offsets: offsets.map((step) => step[q]!),
    }));
    const widened = await this.widenings(origins);
    let inputs = origins.map(({ input }) => input);
    const forecasts = origins.map(() => [[], ...quantiles.map(() => [])] as number[][]);
    for (let done = 0; done < horizon; done += encoding.horizon) {
      // One for each series, however many of its rows are forecast from.
      const encoders = new Map([...new Set(inputs)].map((input) => [input, this.encoderOf(input)]));
      const places = inputs.map((input, i) => ({ encoder: encoders.get(input)!, origin: origins[i]!.origin + done }));
      const outputs = await this.outputsOf(places);
      for (const [i, { encoder, origin }] of places.entries()) {
        const mean = encoder.decode(outputs[i]![medianOf(levels)]!, origin);
        const decoded = bounds.map(({ output, offsets }) =>
          encoder.decode(
            outputs[i]![output]!,
            origin,
            offsets.map((offset, step) => offset * (widened[i]![step] ?? 1)),
          ),
        );
        uncross(decoded);
        for (const [q, rows] of [mean, ...decoded].entries())
          forecasts[i]![q]!.push(...rows.subarray(0, horizon - done));
      }
      if (done + encoding.horizon >= horizon) break;
      inputs = inputs.map((input, i) => {
        const known = input.target.subarray(0, origins[i]!.origin + 1);
        return { ...input, target: Float64Array.from([...known, ...forecasts[i]![0]!]) };
      });
    }
    if (!forecasts.flat(2).every(Number.isFinite))
      throw new InputError("the forecast is no longer finite: forecast fewer rows");
    return forecasts;
  }

  /**
   * How many times as far out quantiles lie after each of some rows, by step: as forecasts from rows before have been off, as far as
   * they were not trained on. None where that does not matter.
   */
  private async widenings(places: readonly Place[]): Promise<number[][]> {
    const { spreads } = this.description;
    const all = places.map((): number[] => []);
    const counts = calibratingRows(spreads);
    const most = counts.reduce((most, rows) => Math.max(most, rows), 0);
    if (most === 0) return all;
    const ofSeries = new Map<EncoderInput, number[]>();
    for (const [i, { input }] of places.entries()) {
      const indices = ofSeries.get(input) ?? [];
      indices.push(i);
      ofSeries.set(input, indices);
    }
    for (const [input, indices] of ofSeries) {
      const origins = indices.map((i) => places[i]!.origin);
      const encoder = this.encoderOf(input);
      const earliest = Math.max(encoder.firstOrigin, places[indices[0]!]!.unseen - 1);
      // The rows of a series are in order.
      const from = Math.max(earliest, origins[0]! - counts.length - most);
      const count = Math.max(0, origins.at(-1)! - from);
      const outputs = await this.outputsOf(Array.from({ length: count }, (_, i) => ({ encoder, origin: from + i })));
      const residuals = outputs.map(([output], i) => encoder.residuals(output!, from + i, encoder.length));
      for (const [n, i] of indices.entries()) {
        const since = counts.map((rows, step) => {
          // Forecasts of this step that have come true by now.
          const end = Math.max(0, origins[n]! - step - from);
          return residuals.slice(Math.max(0, end - rows), end).map((steps) => steps[step]!);
        });
        all[i] = widenings(spreads, since);
      }
    }
    return all;
  }

  private async outputsOf(places: readonly { encoder: SeriesEncoder; origin: number }[]): Promise<Outputs> {
    const { encoding, isNaive } = this.description;
    if (isNaive) return places.map(() => this.levels.map(() => new Float32Array(encoding.horizon)));
    const inputs = places.map(({ encoder, origin }) => encoder.inputs(origin));
    return outputsOf(this.model, inputs, encoding.horizon);
  }
}

/** Sorts the quantiles of each row, in place: what was added to them may have them cross. */
function uncross(quantiles: readonly Float64Array[]): void {
  const [first] = quantiles;
  for (let row = 0; row < (first?.length ?? 0); row++) {
    const sorted = Float64Array.from(quantiles, (quantile) => quantile[row]!).sort();
    for (const [q, quantile] of quantiles.entries()) quantile[row] = sorted[q]!;
  }
}
