import type { Failure } from "../../common/protocol.js";
import { NumberField, SelectField } from "../elements/field.js";
import type { TextForm } from "./text-form.js";

interface SettingsProps {
  readonly form: TextForm;
  readonly change: (changes: Partial<TextForm>) => void;
  readonly failure: Failure | undefined;
  readonly backends: readonly string[];
  /** Whether there is a run; it fixes everything but the number of epochs. */
  readonly hasRun: boolean;
  readonly isBusy: boolean;
}

const OPTIMIZERS = { adam: "Adam", adamw: "AdamW", rmsprop: "RMSprop", sgd: "SGD" };
const CLIPS = { none: "off", value: "by value", norm: "by norm" };

/** The fields of a run on a text. */
export function TextSettings({ form, change, failure, backends, hasRun, isBusy }: SettingsProps) {
  const errorOf = (...options: string[]) =>
    failure?.where === "run" && options.includes(failure.option ?? "") ? failure.message : undefined;
  const number = (label: string, name: keyof TextForm & string, hint?: string) => (
    <NumberField
      label={label}
      value={form[name] as string}
      onValue={(value) => change({ [name]: value })}
      disabled={hasRun}
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
          label="Tokens"
          value={form.level}
          options={{ char: "characters", word: "words" }}
          onValue={(level) => change({ level: level as TextForm["level"] })}
          disabled={hasRun}
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
          form.sequenceLength.trim() === "0" ? "0 means the whole text" : undefined,
        )}
        {number("Batch size", "batchSize")}
        {number("Learning rate", "learningRate")}
        <SelectField
          label="Optimizer"
          value={form.optimizer}
          options={OPTIMIZERS}
          onValue={(optimizer) => change({ optimizer: optimizer as TextForm["optimizer"] })}
          disabled={hasRun}
          error={errorOf("optimizer")}
        />
        <SelectField
          label="Clip gradients"
          value={form.clip}
          options={CLIPS}
          onValue={(clip) => change({ clip: clip as TextForm["clip"] })}
          disabled={hasRun}
        />
        {form.clip !== "none" && (
          <NumberField
            label="Clip at"
            value={form.clipAt}
            onValue={(clipAt) => change({ clipAt })}
            disabled={hasRun}
            error={errorOf("clipValue", "clipNorm")}
          />
        )}
        {number("Validation fraction", "validationFraction")}
        {number("Seed", "seed")}
      </fieldset>
      <details open={errorOf("backend", "threads") ? true : undefined}>
        <summary>Advanced</summary>
        <fieldset>
          <legend>Hardware</legend>
          <SelectField
            label="Backend"
            value={form.backend}
            options={Object.fromEntries(
              ["auto", ...backends].map((name) => [name, name === "auto" ? "fastest available" : name]),
            )}
            onValue={(backend) => change({ backend: backend as TextForm["backend"] })}
            disabled={hasRun}
            error={errorOf("backend")}
          />
          <NumberField
            label="Threads"
            value={form.threads}
            onValue={(threads) => change({ threads })}
            disabled={hasRun}
            placeholder="automatic"
            error={errorOf("threads")}
          />
        </fieldset>
      </details>
    </section>
  );
}
