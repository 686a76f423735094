import type { Command, GivenContent, RunConfig } from "../../common/protocol.js";
import { parseNumber } from "../elements/number-text.js";
import { type Fields, type Values, withValue } from "../options/fields.js";
import { resumeOptions } from "../options/run-fields.js";
import type { SessionHandle } from "../session/use-session.js";
import type { ControlsProps } from "./controls.js";

/** What the buttons and sliders of a run do with a form. */
export function runActions<Form extends { readonly values: Values }>(
  { view, send, attempt }: SessionHandle,
  form: Form,
  setForm: (change: (before: Form) => Form) => void,
  fields: Fields,
  configOf: (form: Form) => RunConfig<GivenContent>,
): Pick<ControlsProps, "onTrain" | "onTrainOn" | "onStep" | "onResume" | "epochs"> & {
  onLearningRate: (rate: number) => void;
} {
  const train = (how: Partial<Command & { readonly type: "train" }>) =>
    attempt("run", () => send({ type: "train", config: configOf(form), ...how }));
  const resume = (values: Values, how: { readonly isStep?: boolean } = {}) =>
    attempt("run", () => send({ type: "resume", options: resumeOptions(fields, values), ...how }));
  return {
    onTrain: () => train({}),
    onTrainOn: () => train({ goesOn: true }),
    onStep: () => (view.phase === "paused" ? resume(form.values, { isStep: true }) : train({ isStep: true })),
    onResume: (epochs) => {
      const resumed = epochs === undefined ? form : withValue(form, "epochs", String(epochs));
      setForm(() => resumed);
      resume(resumed.values);
    },
    onLearningRate: (rate) => setForm((before) => withValue(before, "learningRate", String(rate))),
    epochs: parseNumber(String(form.values["epochs"])),
  };
}
