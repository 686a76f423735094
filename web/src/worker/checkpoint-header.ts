import { availableBackends, type Backend } from "lstm-wasm";
import type { TrainingSettings } from "../protocol.js";

/** What a checkpoint tells of its run without being loaded. */
export interface RunState {
  readonly settings: TrainingSettings;
  /** The WebAssembly kernels that go on with it to the same bits, where they run here. */
  readonly backend?: Backend;
  /** Epochs finished. */
  readonly epoch: number;
  readonly trainLosses: Float64Array;
  readonly validationLosses: Float64Array;
}

interface Header {
  readonly __metadata__?: Readonly<Record<string, string>>;
  readonly [tensor: string]: unknown;
}

/**
 * Reads a run's settings and losses out of a safetensors file that `load` has accepted, or `save` has written.
 *
 * @returns undefined where the file holds no run
 */
export function runStateOf(bytes: Uint8Array): RunState | undefined {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
  const { training, backend } = header.__metadata__ ?? {};
  if (training === undefined) return undefined;
  const { config, progress } = JSON.parse(training) as { config: TrainingSettings; progress: { epoch: number } };
  const losses = (name: string) => {
    const [from, to] = (header[name] as { data_offsets: [number, number] }).data_offsets;
    // A copy, since numbers in the file need not lie where an array of them may begin.
    return new Float64Array(bytes.slice(8 + length + from, 8 + length + to).buffer);
  };
  const exact = availableBackends().find((name) => name === backend && name !== "javascript");
  return {
    ...(exact ? { backend: exact } : {}),
    settings: config,
    epoch: progress.epoch,
    trainLosses: losses("training.train_losses"),
    validationLosses: losses("training.validation_losses"),
  };
}
