// What goes on in a model while it reads a passage, small enough to keep for dozens of moments of a run: a byte per gate and
// two per cell state, steps [T] by units [H].

/** Of each unit at each step: [T, H]. */
export interface Activity {
  /** How much of the candidate enters the cell, from 0 to 1 in 255ths. */
  readonly input: Uint8Array;
  /** How much of the cell stays, likewise. */
  readonly forget: Uint8Array;
  /** How much of the cell is shown, likewise. */
  readonly output: Uint8Array;
  /** The candidate, from −1 to 1 in 127ths. */
  readonly candidate: Int8Array;
  /** The hidden state, likewise. */
  readonly hidden: Int8Array;
  /** The cell state in {@link CELL_STEPS}ths, cut off at ±128. */
  readonly cell: Int16Array;
}

/** Steps per 1 of a cell state. */
export const CELL_STEPS = 256;

/** What a model did with a passage. */
export interface Insight {
  /** The passage, token by token as it reads: [T]. */
  readonly tokens: readonly string[];
  /** How unexpected each token was, in bits: [T]; NaN for the first, which nothing precedes. */
  readonly surprisal: Float32Array;
  /** Of each token, the likeliest ones in its place, by what came before: [T, width], empty for the first. */
  readonly likeliest: {
    readonly width: number;
    readonly tokens: readonly string[];
    readonly probabilities: Float32Array;
  };
  /** The number of units of the layer that is shown. */
  readonly units: number;
  /** The layer, counted from 1, and how many there are. */
  readonly layer: number;
  readonly layers: number;
  readonly activity: Activity;
  /** Whether the passage was held out of training. */
  readonly isHeldOut: boolean;
}

/** The buffers of an insight, to be handed over between threads instead of copied. */
export const buffersOf = ({ surprisal, likeliest, activity }: Insight): ArrayBuffer[] =>
  [surprisal, likeliest.probabilities, ...Object.values(activity)].map(({ buffer }) => buffer as ArrayBuffer);

/** The parts of a unit's cell at a step. */
export interface CellParts {
  readonly input: number;
  readonly forget: number;
  readonly output: number;
  readonly candidate: number;
  readonly hidden: number;
  readonly cell: number;
  /** The cell state before the step. */
  readonly before: number;
}

/** A unit's cell at a step. */
export function cellAt({ activity, units }: Insight, step: number, unit: number): CellParts {
  const at = step * units + unit;
  return {
    input: activity.input[at]! / 255,
    forget: activity.forget[at]! / 255,
    output: activity.output[at]! / 255,
    candidate: activity.candidate[at]! / 127,
    hidden: activity.hidden[at]! / 127,
    cell: activity.cell[at]! / CELL_STEPS,
    before: step === 0 ? 0 : activity.cell[at - units]! / CELL_STEPS,
  };
}
