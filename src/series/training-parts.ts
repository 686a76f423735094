import { InputError } from "../common/errors.js";
import type { SeriesPart } from "./dataset.js";
import type { EncoderInput } from "./encoder.js";
import type { ForecasterSettings } from "./options.js";
import { nameOf, rowsOf, type TargetSeries } from "./target-series.js";
import { isTransformable } from "./target-transform.js";
import { trainingRowsOf } from "./transform.js";

// The parts of series that a forecaster learns from.

/**
 * Rows of each series that are trained on: none of one that has no more than are held out, beside others.
 *
 * @throws InputError where no series has more
 */
export function trainingRowsOfEach(
  series: readonly TargetSeries[],
  target: string,
  heldOut: Pick<ForecasterSettings, "testFraction" | "testRows">,
): number[] {
  const lengths = series.map((one) => rowsOf(one, target));
  const longest = lengths.reduce((most, rows) => Math.max(most, rows), 0);
  return lengths.map((rows) =>
    rows > heldOut.testRows || longest <= heldOut.testRows ? trainingRowsOf(rows, heldOut) : 0,
  );
}

/** The first rows of a series. */
export const partOf = (input: EncoderInput, to: number): SeriesPart => ({ input, from: 0, to });

/** @throws InputError for a target without the logarithm that is asked for */
export function refuseWithout(
  parts: readonly SeriesPart[],
  series: readonly TargetSeries[],
  { transform, target }: ForecasterSettings,
): void {
  if (transform === "auto") return;
  for (const [s, { input, to }] of parts.entries()) {
    const row = input.target.subarray(0, to).findIndex((value) => !isTransformable(value, transform));
    if (row >= 0)
      throw new InputError(
        `${nameOf(series[s]!)}, column ${target}, row ${row} (counted from 0): ${input.target[row]} has no logarithm: ` +
          "leave `transform` out",
      );
  }
}
