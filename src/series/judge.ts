import type { PartResiduals } from "./conformal.js";
import type { Origin } from "./dataset.js";
import type { SeriesEncoder } from "./encoder.js";
import type { CutPart } from "./folds.js";
import { meanOf, naiveError } from "./metrics.js";
import type { Outputs } from "./network.js";

/** What was missing from forecasts on a validation part, by output. */
export type Residuals = readonly PartResiduals[];

/** Errors of forecasts on the rows of a validation part, as far as there are rows to compare them with. */
export class Judge {
  /** What a network reads, for each origin. */
  readonly inputs: readonly Float32Array[];
  private readonly series: ReadonlyMap<
    SeriesEncoder,
    { values: Float64Array; known: number; unit: number; errors: number[] }
  >;

  constructor(
    private readonly origins: readonly Origin[],
    encoders: readonly SeriesEncoder[],
    parts: readonly CutPart[],
    /** Which output is the forecast itself. */
    private readonly median: number,
  ) {
    this.inputs = origins.map(({ encoder, origin }) => encoder.inputs(origin));
    this.series = new Map(
      encoders.map((encoder, s) => {
        const { input, cut, known } = parts[s]!;
        const unit = naiveError(input.target.subarray(0, cut)) || 1;
        return [encoder, { values: input.target, known, unit, errors: [] }];
      }),
    );
  }

  /** What is missing from each of the outputs, also of rows after the part: its network has not seen these either. */
  residualsOf(outputs: Outputs): Residuals {
    const apart = this.countApart(outputs[0]![0]!.length);
    return outputs[0]!.map((first, q) => {
      const all = this.origins.map(({ encoder, origin }, i) =>
        encoder.residuals(outputs[i]![q]!, origin, this.series.get(encoder)!.known),
      );
      return { steps: Array.from(first, (_, step) => all.map((residuals) => residuals[step]!)), apart };
    });
  }

  /** Forecasts of so many rows that do not overlap. */
  private countApart(rows: number): number {
    const ends = new Map<SeriesEncoder, number>();
    return this.origins.filter(({ encoder, origin }) => {
      if (origin < (ends.get(encoder) ?? 0)) return false;
      ends.set(encoder, origin + rows);
      return true;
    }).length;
  }

  /** The mean over the series of the mean absolute errors of a network's outputs, in units of their mean changes before. */
  errorOf(outputs: Outputs): number {
    for (const { errors } of this.series.values()) errors.length = 0;
    for (const [i, { encoder, origin, end }] of this.origins.entries()) {
      const { values, errors } = this.series.get(encoder)!;
      const forecast = encoder.decode(outputs[i]![this.median]!, origin);
      for (let row = origin + 1; row < Math.min(end, origin + 1 + forecast.length); row++)
        errors.push(Math.abs(forecast[row - origin - 1]! - values[row]!));
    }
    const judged = [...this.series.values()].filter(({ errors }) => errors.length > 0);
    return meanOf(judged.map(({ errors, unit }) => meanOf(errors) / unit));
  }
}
