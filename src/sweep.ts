/**
 * Sweeps: many training runs with different options, on this machine or by the workers of a queue. Import it from
 * `lstm-wasm/sweep`, in Node.
 *
 * @module lstm-wasm/sweep
 */

export { QueueError, SweepError } from "./sweep/errors.js";
export type {
  SweepEnd,
  SweepEvent,
  SweepNotice,
  SweepStart,
  TrialEpoch,
  TrialEvent,
  TrialState,
  TrialStatus,
} from "./sweep/events.js";
export type { MetricName } from "./sweep/metric.js";
export type { SweepOptions, SweepWorkerOptions } from "./sweep/options.js";
export { SWEEP_OPTIONS, WORKER_OPTIONS } from "./sweep/options.js";
export { runSweepWorker } from "./sweep/queue/worker.js";
export type { Sampler } from "./sweep/sampler.js";
export type { StopSignal } from "./sweep/signal.js";
export type { Value } from "./sweep/space.js";
export { sweep } from "./sweep/sweep.js";
