import type { Failure } from "../protocol.js";
import { NumberField, SelectField } from "./field.js";
import type { TextForm } from "./text-form.js";

interface SettingsProps {
  readonly form: TextForm;
  readonly change: (changes: Partial<TextForm>) => void;
  readonly failure: Failure | undefined;
  readonly backends: readonly string[];
  /** Whether there is a run, which has settled all but its length. */
  readonly isSettled: boolean;
  readonly isBusy: boolean;
}

const OPTIMIZERS = { adam: "Adam", adamw: "AdamW", rmsprop: "RMSprop", sgd: "SGD" };
const CLIPS = { none: "not", value: "by value", norm: "by norm" };

/** The fields of a run on a text. */
export function TextSettings({ form, change, failure, backends, isSettled, isBusy }: SettingsProps) {
  const errorOf = (...options: string[]) =>
    failure?.where === "run" && options.includes(failure.option ?? "") ? failure.message : undefined;
  const number = (label: string, name: keyof TextForm & string, hint?: string) => (
    <NumberField
      label={label}
      value={form[name] as string}
      onValue={(value) => change({ [name]: value })}
      disabled={isSettled}
      error={errorOf(name)}
      {...(hint ? { hint } : {})}
    />
  );
  return (
    <section class="panel settings" aria-label="Settings">
      <h2>Settings</h2>
      <fieldset>
        <legend>Network</legend>
        <SelectField
          label="Reads"
          value={form.level}
          options={{ char: "characters", word: "words" }}
          onValue={(level) => change({ level: level as TextForm["level"] })}
          disabled={isSettled}
        />
        {number("Hidden units", "hiddenSize")}
        {number("Layers", "layers")}
      </fieldset>
      <fieldset>
        <legend>Training</legend>
        <NumberField
          label="Epochs"
          value={form.epochs}
          onValue={(epochs) => change({ epochs })}
          disabled={isBusy}
          error={errorOf("epochs")}
        />
        {number(
          "Sequence length",
          "sequenceLength",
          form.sequenceLength.trim() === "0" ? "0: the whole text" : undefined,
        )}
        {number("Batch size", "batchSize")}
        {number("Learning rate", "learningRate")}
        <SelectField
          label="Optimizer"
          value={form.optimizer}
          options={OPTIMIZERS}
          onValue={(optimizer) => change({ optimizer: optimizer as TextForm["optimizer"] })}
          disabled={isSettled}
          error={errorOf("optimizer")}
        />
        <SelectField
          label="Clip gradients"
          value={form.clip}
          options={CLIPS}
          onValue={(clip) => change({ clip: clip as TextForm["clip"] })}
          disabled={isSettled}
        />
        {form.clip !== "none" && (
          <NumberField
            label="Clip at"
            value={form.clipAt}
            onValue={(clipAt) => change({ clipAt })}
            disabled={isSettled}
            error={errorOf("clipValue", "clipNorm")}
          />
        )}
        {number("Validation fraction", "validationFraction")}
        {number("Seed", "seed")}
      </fieldset>
      <details open={errorOf("backend", "threads") ? true : undefined}>
        <summary>Advanced</summary>
        <fieldset>
          <legend>Machine</legend>
          <SelectField
            label="Backend"
            value={form.backend}
            options={Object.fromEntries(
              ["auto", ...backends].map((name) => [name, name === "auto" ? "the fastest" : name]),
            )}
            onValue={(backend) => change({ backend: backend as TextForm["backend"] })}
            disabled={isSettled}
            error={errorOf("backend")}
          />
          <NumberField
            label="Threads"
            value={form.threads}
            onValue={(threads) => change({ threads })}
            disabled={isSettled}
            placeholder="as many as help"
            error={errorOf("threads")}
          />
        </fieldset>
      </details>
    </section>
  );
}
