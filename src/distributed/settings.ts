import { fingerprint } from "../data/fingerprint.js";
import { KERNEL_ABI } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";
import type { PreparedRun } from "../training/process-group.js";
import { viewOf } from "../training/training-state.js";
import { relaxedRounding } from "./relaxed-rounding.js";

// What has to be the same in all processes that share something, by name: values that are short enough to be shown.

/** The settings of a model and of where it runs. */
export const modelSettings = (model: Model): [string, string][] => [
  ["the kernels' interface", `${KERNEL_ABI}`],
  ["the backend", model.backend],
  ...(model.backend === "relaxed-simd"
    ? [["the processor's relaxed SIMD", relaxedRounding()] as [string, string]]
    : []),
  ...shown(model.config),
  ["the parameters", hashOf(viewOf(model.engine, model.engine.parameters))],
];

/** The settings of a run. */
export function settingsOf(run: PreparedRun): Map<string, string> {
  const { model, config, before } = run;
  const resumed = before && [before.progress, [...before.optimizerState.values(), before.last ?? []].map(hashOf)];
  return new Map([
    ...modelSettings(model),
    ...shown(config),
    ["the training data", run.fingerprint],
    ["the validation data", run.validationFingerprint ?? "none"],
    ["the random numbers", hashOf(model.random.state)],
    ["the resumed run", resumed === undefined ? "none" : hashOf(new TextEncoder().encode(JSON.stringify(resumed)))],
  ]);
}

/** Options and their values. */
const shown = (options: object): [string, string][] =>
  Object.entries(options).map(([name, value]) => [
    name,
    typeof value === "function" ? String(value) : `${JSON.stringify(value)}`,
  ]);

const hashOf = (numbers: Float32Array | Uint32Array | Uint8Array | readonly number[]): string =>
  fingerprint(
    numbers instanceof Float32Array || numbers instanceof Uint32Array
      ? new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length)
      : Int32Array.from(numbers),
  );
