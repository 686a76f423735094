import { integer } from "../common/options.js";

// Long sequences are read in frames: several steps at once, side by side, as speech is. A network then carries what it saw over
// tens of frames in place of hundreds of steps, and sees what they look like within a frame at once.

/** How a classifier reads its sequences. */
export const READING_OPTIONS = {
  /**
   * Steps that are read at once, as one vector. Default: 1 where half of the sequences or more have at most 128 steps, else as many
   * as make about 32 frames of the median sequence
   */
  frame: integer({ min: 1, max: 65_536 }),
};

/** Steps of the median sequence up to which each is read by itself. */
const LONG = 128;
/** About how many frames it has beyond that. */
const FRAMES = 32;

/** The default of `frame` for sequences of these lengths. */
export function usualFrame(lengths: readonly number[]): number {
  const median = lengths.toSorted((a, b) => a - b)[Math.floor((lengths.length - 1) / 2)]!;
  return median > LONG ? Math.ceil(median / FRAMES) : 1;
}

/**
 * A sequence in frames: [T, width] as [⌈T / frame⌉, frame · width]. What is missing in the last frame is the last step, repeated.
 */
export function inFrames(values: Float32Array, width: number, frame: number): Float32Array {
  const T = values.length / width;
  const frames = new Float32Array(Math.ceil(T / frame) * frame * width);
  frames.set(values);
  for (let at = values.length; at < frames.length; at += width) frames.set(values.subarray(-width), at);
  return frames;
}
