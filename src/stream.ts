/**
 * One step at a time, as readings, keys or requests come in: import it from `lstm-wasm/stream`, beside `lstm-wasm`.
 *
 * @module lstm-wasm/stream
 */

export type {
  LstmStream,
  LstmStreamBatch,
  StepInput,
  StepInputs,
  StreamOptions,
} from "./inference/stream.js";
export { createStream, STREAM_OPTIONS } from "./inference/stream.js";
export type { StreamSnapshot, StreamState } from "./inference/stream-state.js";
