import type { Failure } from "../../common/protocol.js";
import { CheckField, NumberField, SelectField } from "../elements/field.js";
import type { SeriesForm } from "./series-form.js";

interface SettingsProps {
  readonly form: SeriesForm;
  readonly change: (changes: Partial<SeriesForm>) => void;
  /** The table's numeric columns. */
  readonly columns: readonly string[];
  readonly failure: Failure | undefined;
  readonly backends: readonly string[];
  /** Whether there is a run; it fixes everything but the number of epochs. */
  readonly hasRun: boolean;
  readonly isBusy: boolean;
}

/** The fields of a run on a series. */
export function SeriesSettings({ form, change, columns, failure, backends, hasRun, isBusy }: SettingsProps) {
  const errorOf = (option: string) =>
    failure?.where === "run" && failure.option === option ? failure.message : undefined;
  const number = (label: string, name: keyof SeriesForm & string, disabled = hasRun) => (
    <NumberField
      label={label}
      value={form[name] as string}
      onValue={(value) => change({ [name]: value })}
      disabled={disabled}
      error={errorOf(name)}
    />
  );
  const toggle = (name: string, isInput: boolean) =>
    change({ columns: columns.filter((other) => (other === name ? isInput : form.columns.includes(other))) });
  return (
    <section class="panel settings" aria-label="Settings">
      <h2>Settings</h2>
      <fieldset>
        <legend>Series</legend>
        <SelectField
          label="Target"
          value={form.target}
          options={Object.fromEntries(columns.map((name) => [name, name]))}
          onValue={(target) => change({ target })}
          disabled={hasRun}
          error={errorOf("target")}
        />
        {number("Window", "window")}
        {number("Test fraction", "testFraction")}
        {number("Season length", "season")}
        {columns.length > 1 && (
          <fieldset class="checks">
            <legend>Input columns</legend>
            {columns.map((name) => (
              <CheckField
                key={name}
                label={name}
                checked={form.columns.includes(name) || name === form.target}
                disabled={hasRun || name === form.target}
                onChecked={(isInput) => toggle(name, isInput)}
              />
            ))}
          </fieldset>
        )}
        <div class="checks">
          <CheckField
            label="Log transform"
            checked={form.logarithm}
            disabled={hasRun}
            onChecked={(logarithm) => change({ logarithm })}
          />
          <CheckField
            label="Differencing"
            checked={form.difference}
            disabled={hasRun}
            onChecked={(difference) => change({ difference })}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend>Training</legend>
        {number("Hidden units", "hiddenSize")}
        {number("Epochs", "epochs", isBusy)}
        {number("Learning rate", "learningRate")}
        {number("Seed", "seed")}
        <SelectField
          label="Backend"
          value={form.backend}
          options={Object.fromEntries(
            ["auto", ...backends].map((name) => [name, name === "auto" ? "fastest available" : name]),
          )}
          onValue={(backend) => change({ backend: backend as SeriesForm["backend"] })}
          disabled={hasRun}
          error={errorOf("backend")}
        />
      </fieldset>
    </section>
  );
}
