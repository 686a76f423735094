import { DerivedExample, type Example } from "../data/examples.js";
import {
  type EncoderInput,
  type Encoding,
  type Gains,
  layoutOf,
  SeriesEncoder,
  UNIT_GAINS,
  widthOf,
} from "./encoder.js";

/** Windows by which gains are measured, at most. */
const MEASURED = 4096;

/** A part of a series: rows that forecasts are compared with. */
export interface SeriesPart {
  readonly input: EncoderInput;
  /** The first row that is a target, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

/** A row of a series to forecast after. */
export interface Origin {
  readonly encoder: SeriesEncoder;
  readonly origin: number;
  /** The row after the last that is known as a target. */
  readonly end: number;
}

/** Encoders of series, of which the first `to` rows are known. */
export const encodersOf = (
  parts: readonly SeriesPart[],
  encoding: Encoding,
  gains: Gains,
  outputs: number,
): SeriesEncoder[] => parts.map(({ input, to }) => new SeriesEncoder(input, encoding, gains, to, outputs));

/** All rows that are followed by one of the part at least: what lies beyond it has no target. */
export const originsIn = (parts: readonly SeriesPart[], encoders: readonly SeriesEncoder[]): Origin[] =>
  parts.flatMap(({ from, to }, s) => {
    const encoder = encoders[s]!;
    const first = Math.max(encoder.firstWhole, from - 1);
    return Array.from({ length: Math.max(0, to - 1 - first) }, (_, i) => ({ encoder, origin: first + i, end: to }));
  });

/** At most so many of a list, evenly spaced. */
export const thinned = <Item>(items: readonly Item[], most: number): readonly Item[] =>
  items.length <= most ? items : Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);

/**
 * The gains with which inputs and outputs have a mean square of 1 over the rows of some parts, and the other columns a mean
 * of 0 and a standard deviation of 1.
 */
export function fitGains(parts: readonly SeriesPart[], encoding: Encoding): Gains {
  const encoders = encodersOf(parts, encoding, UNIT_GAINS, 1);
  const origins = thinned(originsIn(parts, encoders), MEASURED);
  const layout = layoutOf(parts[0]!.input, 1);
  const { columns, knownFuture, statics } = layout;
  const width = widthOf(layout);
  const [input, output] = [new MeanSquare(), new MeanSquare()];
  for (const { encoder, origin, end } of origins) {
    const inputs = encoder.inputs(origin);
    const rows = inputs.length / width - (knownFuture > 0 ? encoding.horizon : 0);
    for (let row = 0; row < rows; row++) input.add(inputs[row * width]!);
    for (const target of encoder.targets(origin, end)) output.add(target);
  }
  const scaleOfInput = (pieceOf: (part: SeriesPart) => ArrayLike<number>) => scaleOf(parts.map(pieceOf));
  const scales = [
    ...Array.from({ length: columns }, (_, c) => scaleOfInput(({ input, to }) => input.columns[c]!.subarray(0, to))),
    ...Array.from({ length: knownFuture }, (_, c) =>
      scaleOfInput(({ input, to }) => input.knownFuture[c]!.subarray(0, to)),
    ),
    ...Array.from({ length: statics }, (_, c) => scaleOfInput(({ input }) => [input.statics[c]!])),
  ];
  return { input: input.root || 1, output: output.root, columns: scales };
}

function scaleOf(pieces: readonly ArrayLike<number>[]): { shift: number; scale: number } {
  let [n, sum] = [0, 0];
  for (const piece of pieces)
    for (let i = 0; i < piece.length; i++) {
      n++;
      sum += piece[i]!;
    }
  const mean = n > 0 ? sum / n : 0;
  let squares = 0;
  for (const piece of pieces) for (let i = 0; i < piece.length; i++) squares += (piece[i]! - mean) ** 2;
  const deviation = n > 0 ? Math.sqrt(squares / n) : 0;
  return { shift: mean, scale: deviation > 8 * Number.EPSILON * Math.abs(mean) ? deviation : 1 };
}

class MeanSquare {
  private sum = 0;
  private count = 0;

  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.sum += value * value;
    this.count++;
  }

  get root(): number {
    return this.count > 0 ? Math.sqrt(this.sum / this.count) : 0;
  }
}

/** A window of a series and the rows after it, read from the series each time. */
class WindowExample extends DerivedExample {
  constructor(
    private readonly encoder: SeriesEncoder,
    private readonly origin: number,
    private readonly end: number,
  ) {
    super();
  }

  get inputs(): Float32Array {
    return this.encoder.inputs(this.origin);
  }

  get targets(): Float32Array {
    return this.encoder.exampleTargets(this.origin, this.end);
  }
}

/** Examples of forecasts after these rows. */
export const examplesOf = (origins: readonly Origin[]): Example[] =>
  origins.map(({ encoder, origin, end }) => new WindowExample(encoder, origin, end));
