import { InputError } from "../common/errors.js";
import { quote, show } from "../common/show.js";
import { fitColumn, type Scale } from "../series/scaling.js";
import type { LabeledSequence } from "./sequences.js";

/** A scaler as JSON, as stored with a model. */
export interface ScalerDescription {
  /** Of each dimension. */
  readonly mean: readonly number[];
  /** The standard deviation of each dimension; 1 for a constant one. */
  readonly deviation: readonly number[];
}

/** Scales each dimension to mean 0 and standard deviation 1, as scikit-learn's StandardScaler does. */
export class StandardScaler {
  private constructor(
    private readonly scales: readonly Scale[],
    private readonly dimensions: readonly string[],
  ) {}

  /**
   * Fits the scaler to all steps of some sequences.
   *
   * @throws InputError for a value that is not finite, or values too far apart
   */
  static fit(sequences: readonly LabeledSequence[], dimensions: readonly string[]): StandardScaler {
    const width = dimensions.length;
    const steps = sequences.reduce((sum, { values }) => sum + values.length / width, 0);
    const column = new Float64Array(steps);
    const scales = dimensions.map((name, d) => {
      let row = 0;
      for (const { values } of sequences) for (let i = d; i < values.length; i += width) column[row++] = values[i]!;
      return fitColumn(column, name, { scaling: "standard", logarithm: false, difference: false });
    });
    return new StandardScaler(scales, dimensions);
  }

  /** @throws InputError for an invalid description */
  static fromJSON({ mean, deviation }: ScalerDescription, dimensions: readonly string[]): StandardScaler {
    const isList = (list: unknown, fits: (x: number) => boolean): list is number[] =>
      Array.isArray(list) && list.length === dimensions.length && list.every((x) => Number.isFinite(x) && fits(x));
    if (!isList(mean, () => true) || !isList(deviation, (x) => x > 0))
      throw new InputError(
        `classifier description: expected ${dimensions.length} finite means, and as many deviations above 0`,
      );
    return new StandardScaler(
      mean.map((shift, d) => ({ shift, scale: deviation[d]! })),
      dimensions,
    );
  }

  /**
   * The scaled values of a sequence, as a model reads them: [T, dimensions].
   *
   * @param index among others, for messages
   * @throws InputError for a value that is not finite, or exceeds float32 once scaled
   */
  transform({ id, values }: Pick<LabeledSequence, "id" | "values">, index: number): Float32Array {
    const { scales, dimensions } = this;
    const width = dimensions.length;
    const scaled = Float32Array.from(values, (value, i) => {
      const { shift, scale } = scales[i % width]!;
      return (value - shift) / scale;
    });
    const odd = scaled.findIndex((value) => !Number.isFinite(value));
    if (odd < 0) return scaled;
    const where = `sequence ${quote(id ?? String(index + 1))}, step ${Math.floor(odd / width) + 1}, dimension ${quote(dimensions[odd % width]!)}`;
    const why = Number.isFinite(values[odd]) ? "is too large once scaled" : "is not a finite number";
    throw new InputError(`${where}: ${show(values[odd])} ${why}`);
  }

  toJSON(): ScalerDescription {
    return { mean: this.scales.map(({ shift }) => shift), deviation: this.scales.map(({ scale }) => scale) };
  }
}
