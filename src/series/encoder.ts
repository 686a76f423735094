import { exponential } from "../common/exact-math.js";
import type { Difference, TargetScaling } from "./options.js";
import { restored, type TargetTransform, transformed } from "./target-transform.js";

/** How a window of rows becomes the input of a network, and its output a forecast: without any `auto`. */
export interface Encoding {
  /** What is done to the target first. */
  readonly transform: TargetTransform;
  /** Values below it count as it where a logarithm is taken. */
  readonly floor: number;
  /** What the target is compared with. */
  readonly difference: Difference;
  /** How the target is scaled. */
  readonly scaling: TargetScaling;
  /** Rows that the network reads. */
  readonly window: number;
  /** Rows that it forecasts. */
  readonly horizon: number;
  /** Rows in a season; 0 without one. */
  readonly season: number;
}

/** What a series holds, as an encoder reads it. */
export interface EncoderInput {
  readonly target: Float64Array;
  /** Known up to the last row of the target. */
  readonly columns: readonly Float64Array[];
  /** Known beyond it. */
  readonly knownFuture: readonly Float64Array[];
  /** The same in every row. */
  readonly statics: readonly number[];
}

/** What a network reads at each step besides the target, and how many outputs it has for each row to forecast. */
export interface Layout {
  readonly columns: number;
  readonly knownFuture: number;
  readonly statics: number;
  readonly outputs: number;
}

/** How a network reads a series, with so many outputs for each row. */
export const layoutOf = ({ columns, knownFuture, statics }: EncoderInput, outputs: number): Layout => ({
  columns: columns.length,
  knownFuture: knownFuture.length,
  statics: statics.length,
  outputs,
});

/** Divisors and shifts that an encoder was fitted with, for all series alike. */
export interface Gains {
  /** Divides the target's inputs, after the scaling of window or series. */
  readonly input: number;
  /** Multiplies the network's outputs; 0 where the series never changed. */
  readonly output: number;
  /** Shift and divisor of each other input: `columns`, then what is known in advance, then what is constant. */
  readonly columns: readonly ColumnGain[];
}

/** How a column is scaled: (value − shift) / scale. */
export interface ColumnGain {
  /** Subtracted first. */
  readonly shift: number;
  /** Divides the rest. */
  readonly scale: number;
}

/** No gains: what an encoder is fitted with. */
export const UNIT_GAINS: Gains = { input: 1, output: 1, columns: [] };

/** The fewest rows that a network reads, where a series has no more. */
const SHORTEST_WINDOW = 3;
/** Spreads below this multiple of the largest value are rounding errors. */
const ROUNDING = 8 * Number.EPSILON;

/** A series, prepared to be read from any row. */
export class SeriesEncoder {
  /** The first row that a forecast can be made after. */
  readonly firstOrigin: number;
  /** The first one that has as many rows before it as the network reads, if the series has so many. */
  readonly firstWhole: number;
  private readonly values: Float64Array;
  /** What the network reads of the target: the values, or their changes. */
  private readonly steps: Float64Array;
  /** Rows at the start that have no step. */
  private readonly lag: number;
  /** Sums of the changes between steps, without their signs. */
  private readonly restlessness: Float64Array;
  /** Sums of steps, their squares, and the extremes so far: the scale of any part. */
  private readonly level: RunningScale;

  /**
   * @param trainingRows rows whose spread is known wherever in them a forecast is made
   * @param outputs of the network, for each row
   */
  constructor(
    private readonly input: EncoderInput,
    private readonly encoding: Encoding,
    private readonly gains: Gains,
    private readonly trainingRows: number,
    private readonly outputs = 1,
  ) {
    const { transform, floor, difference, season, window } = encoding;
    this.values = input.target.map((value) => transformed(value, transform, floor));
    this.lag = { none: 0, first: 1, seasonal: season }[difference];
    const { values, lag } = this;
    this.steps = lag === 0 ? values : values.map((value, row) => (row < lag ? 0 : value - values[row - lag]!));
    this.level = new RunningScale(this.steps, lag, values);
    this.restlessness = new Float64Array(values.length + 1);
    for (const [row, step] of this.steps.entries())
      this.restlessness[row + 1] = this.restlessness[row]! + (row > lag ? Math.abs(step - this.steps[row - 1]!) : 0);
    const shortest = Math.min(window, SHORTEST_WINDOW);
    this.firstOrigin = lag + shortest - 1;
    // Only a series that has no whole window teaches by a shorter one.
    this.firstWhole = lag + Math.min(window, Math.max(shortest, trainingRows - lag)) - 1;
  }

  /** Rows of the target. */
  get length(): number {
    return this.values.length;
  }

  /**
   * [steps, width]: what the network reads to forecast the rows after `origin`. Where columns are known in advance, these
   * rows are steps as well, each with what is known of it.
   */
  inputs(origin: number): Float32Array {
    const { encoding, gains, input, steps } = this;
    const { columns, knownFuture, statics } = input;
    const rows = this.rowsBefore(origin);
    const future = knownFuture.length > 0 ? encoding.horizon : 0;
    const width = widthOf(layoutOf(input, 1));
    const constants = statics.map((value, i) => scaled(value, gains.columns[columns.length + knownFuture.length + i]));
    const inputs = new Float32Array((rows + future) * width);
    const { center, scale } = this.scaleAt(origin);
    const shift = encoding.difference === "seasonal" ? steps[origin]! : center;
    for (let i = 0; i < rows + future; i++) {
      const row = origin - rows + 1 + i;
      const at = i * width;
      const isPast = row <= origin;
      if (isPast) inputs[at] = (steps[row]! - shift) / scale / gains.input;
      const other = at + 1;
      for (let c = 0; isPast && c < columns.length; c++) inputs[other + c] = scaled(columns[c]![row], gains.columns[c]);
      for (let c = columns.length; c < columns.length + knownFuture.length; c++)
        inputs[other + c] = scaled(knownFuture[c - columns.length]![row], gains.columns[c]);
      inputs.set(constants, other + columns.length + knownFuture.length);
      if (future > 0 && !isPast) inputs[at + width - 1] = 1;
    }
    return inputs;
  }

  /** Rows up to `origin` that the network reads. */
  private rowsBefore(origin: number): number {
    return Math.min(this.encoding.window, origin - this.lag + 1);
  }

  /** [horizon]: what the network should put out, NaN from row `end` on. */
  targets(origin: number, end: number): Float32Array {
    const { encoding, gains, values } = this;
    const { scale } = this.scaleAt(origin);
    return Float32Array.from({ length: encoding.horizon }, (_, i) => {
      const row = origin + 1 + i;
      if (row >= end) return Number.NaN;
      const change = (values[row]! - this.anchor(origin, i + 1)) / scale;
      return gains.output === 0 ? change : change / gains.output;
    });
  }

  /**
   * The targets of an example of a forecast after `origin`, up to row `end` − 1, each repeated for every output of its row.
   * Steps before the first row to forecast have no target.
   */
  exampleTargets(origin: number, end: number): Float32Array {
    const { outputs, input } = this;
    const targets = this.targets(origin, end);
    const before = input.knownFuture.length > 0 ? this.rowsBefore(origin) : 0;
    if (before === 0 && outputs === 1) return targets;
    const repeated = new Float32Array((before + targets.length) * outputs).fill(Number.NaN);
    for (const [i, target] of targets.entries())
      repeated.fill(target, (before + i) * outputs, (before + i + 1) * outputs);
    return repeated;
  }

  /**
   * Forecasts from the network's outputs for each row, in the target's unit.
   *
   * @param changes [horizon], of one output of each row, as from {@link changes}
   * @param offsets added to each of them, in the unit of {@link residuals}
   */
  decode(changes: ArrayLike<number>, origin: number, offsets?: readonly number[]): Float64Array {
    const { encoding, gains } = this;
    const { scale } = this.scaleAt(origin);
    const spread = this.spreadAfter(origin);
    return Float64Array.from(changes, (output, i) => {
      const change = (output * gains.output + (offsets ? offsets[i]! * spread(i + 1) : 0)) * scale;
      return restored(this.anchor(origin, i + 1) + change, encoding.transform, encoding.floor);
    });
  }

  /** [horizon]: what was missing from the outputs, in units of the window's spread; NaN from row `end` on. */
  residuals(outputs: ArrayLike<number>, origin: number, end: number): Float64Array {
    const { gains } = this;
    const unit = gains.output === 0 ? 1 : gains.output;
    const spread = this.spreadAfter(origin);
    return Float64Array.from(
      this.targets(origin, end),
      (target, i) => (target * unit - outputs[i]! * gains.output) / spread(i + 1),
    );
  }

  /**
   * How restless a series is so many rows after an origin, beside the whole series up to there: 1 where windows are scaled
   * already. It is told by the rows before (normalized residuals: Lei et al. 2018, 5.2), the less, the farther ahead: variances
   * return to their mean, as in Bollerslev's GARCH (1986).
   */
  private spreadAfter(origin: number): (ahead: number) => number {
    const { encoding, restlessness, lag } = this;
    if (encoding.scaling === "window") return () => 1;
    const known = Math.max(origin + 1, Math.min(this.trainingRows, this.length));
    const whole = meanBetween(restlessness, lag + 1, known);
    const local = meanBetween(restlessness, Math.max(lag + 1, origin + 1 - encoding.window), origin + 1);
    return (ahead) => (whole > 0 ? 1 + exponential(-ahead / MEMORY) * (local / whole - 1) : 1);
  }

  /** The transformed value that an output of 0 stands for, `ahead` rows after the origin. */
  private anchor(origin: number, ahead: number): number {
    const { values, steps, encoding } = this;
    const { difference, season } = encoding;
    if (difference === "none") return this.scaleAt(origin).center;
    if (difference === "first") return values[origin]!;
    // A season before, and the latest change from season to season.
    const seasons = Math.ceil(ahead / season);
    return values[origin + ahead - seasons * season]! + seasons * steps[origin]!;
  }

  /**
   * The level and the spread of the steps that are read, or of all that are known. A window without any change has the
   * scale of the series.
   */
  private scaleAt(origin: number): { center: number; scale: number } {
    const { encoding, level, lag } = this;
    const known = Math.max(origin + 1, Math.min(this.trainingRows, this.length));
    if (encoding.scaling !== "window") return level.of(encoding.scaling, lag, known);
    const from = Math.max(lag, origin + 1 - encoding.window);
    const { center, scale } = level.ofWindow(from, origin + 1, encoding.difference);
    return scale > 0 ? { center, scale } : { center, scale: level.of("standard", lag, known).scale };
  }
}

/** Rows ahead at which a window's own spread counts 1/e in that of intervals. */
const MEMORY = 3;

/** The mean of rows, by the sums up to each. */
const meanBetween = (sums: Float64Array, from: number, to: number): number =>
  to > from ? (sums[to]! - sums[from]!) / (to - from) : 0;

/** Inputs per step. */
export const widthOf = ({ columns, knownFuture, statics }: Layout): number =>
  1 + columns + knownFuture + statics + (knownFuture > 0 ? 1 : 0);

/** A column's value as an input. Beyond the end of a known column, where there is no target either, it is the mean. */
const scaled = (value: number | undefined, { shift, scale }: ColumnGain = { shift: 0, scale: 1 }): number =>
  ((value ?? shift) - shift) / scale;

/** Level and spread of parts of a list. */
class RunningScale {
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private readonly origin: number;
  private readonly rounding: number;

  constructor(
    private readonly steps: Float64Array,
    lag: number,
    values: Float64Array,
  ) {
    // Sums of differences from one of the values: large levels leave their squares no digits.
    this.origin = steps[lag] ?? 0;
    this.sums = new Float64Array(steps.length + 1);
    this.squares = new Float64Array(steps.length + 1);
    for (let row = 0; row < steps.length; row++) {
      const step = row < lag ? 0 : steps[row]! - this.origin;
      this.sums[row + 1] = this.sums[row]! + step;
      this.squares[row + 1] = this.squares[row]! + step * step;
    }
    this.rounding = ROUNDING * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  }

  /** Of rows `from` to `to` − 1. A spread that is nothing but rounding is 1. */
  of(scaling: TargetScaling, from: number, to: number): { center: number; scale: number } {
    if (scaling === "none" || to <= from) return { center: 0, scale: 1 };
    if (scaling === "min-max") {
      const part = this.steps.subarray(from, to);
      const low = part.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      const high = part.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      return { center: low, scale: this.spread(high - low) };
    }
    const n = to - from;
    const mean = (this.sums[to]! - this.sums[from]!) / n;
    const variance = (this.squares[to]! - this.squares[from]!) / n - mean * mean;
    return { center: this.origin + mean, scale: this.spread(Math.sqrt(Math.max(0, variance))) };
  }

  /** The mean of a window's values and their mean distance from it; of changes, their mean magnitude. */
  ofWindow(from: number, to: number, difference: Difference): { center: number; scale: number } {
    const part = this.steps.subarray(from, to);
    const mean = part.reduce((sum, step) => sum + step, 0) / part.length;
    const center = difference === "none" ? mean : 0;
    const around = difference === "seasonal" ? part.at(-1)! : center;
    const scale = part.reduce((sum, step) => sum + Math.abs(step - around), 0) / part.length;
    return { center, scale: scale <= this.rounding ? 0 : scale };
  }

  private spread(value: number): number {
    return value <= this.rounding || !Number.isFinite(value) ? 1 : value;
  }
}
