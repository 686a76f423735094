/** Streams of vectors on one model, stepped one after another and side by side. */
export interface StreamCase {
  readonly hiddenSize: number;
  readonly layers: number;
  /** Width of the input and output vectors. */
  readonly width: number;
  /** How many are stepped in turn, and side by side. */
  readonly streams: number;
}

export const STREAM_CASES: readonly StreamCase[] = [
  { hiddenSize: 64, layers: 2, width: 8, streams: 64 },
  { hiddenSize: 128, layers: 2, width: 8, streams: 64 },
  { hiddenSize: 256, layers: 2, width: 8, streams: 64 },
  { hiddenSize: 512, layers: 2, width: 8, streams: 64 },
];

/** Floating-point operations of a step. */
export const flopsPerStep = ({ hiddenSize: H, layers, width }: StreamCase): number =>
  2 * (4 * H * (width + H) + (layers - 1) * 8 * H * H + width * H);
