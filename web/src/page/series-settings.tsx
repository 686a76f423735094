import type { Failure } from "../protocol.js";
import { CheckField, NumberField, SelectField } from "./field.js";
import type { SeriesForm } from "./series-form.js";

interface SettingsProps {
  readonly form: SeriesForm;
  readonly change: (changes: Partial<SeriesForm>) => void;
  /** The table's columns of numbers. */
  readonly columns: readonly string[];
  readonly failure: Failure | undefined;
  readonly backends: readonly string[];
  readonly isSettled: boolean;
  readonly isBusy: boolean;
}

/** The fields of a run on a series. */
export function SeriesSettings({ form, change, columns, failure, backends, isSettled, isBusy }: SettingsProps) {
  const errorOf = (option: string) =>
    failure?.where === "run" && failure.option === option ? failure.message : undefined;
  const number = (label: string, name: keyof SeriesForm & string, disabled = isSettled) => (
    <NumberField
      label={label}
      value={form[name] as string}
      onValue={(value) => change({ [name]: value })}
      disabled={disabled}
      error={errorOf(name)}
    />
  );
  const toggle = (name: string, isRead: boolean) =>
    change({ columns: columns.filter((other) => (other === name ? isRead : form.columns.includes(other))) });
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
          disabled={isSettled}
          error={errorOf("target")}
        />
        {number("Window", "window")}
        {number("Held-out share", "testFraction")}
        {number("Season", "season")}
        {columns.length > 1 && (
          <fieldset class="checks">
            <legend>Columns to read</legend>
            {columns.map((name) => (
              <CheckField
                key={name}
                label={name}
                checked={form.columns.includes(name) || name === form.target}
                disabled={isSettled || name === form.target}
                onChecked={(isRead) => toggle(name, isRead)}
              />
            ))}
          </fieldset>
        )}
        <div class="checks">
          <CheckField
            label="Take logarithms"
            checked={form.logarithm}
            disabled={isSettled}
            onChecked={(logarithm) => change({ logarithm })}
          />
          <CheckField
            label="Take differences"
            checked={form.difference}
            disabled={isSettled}
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
            ["auto", ...backends].map((name) => [name, name === "auto" ? "the fastest" : name]),
          )}
          onValue={(backend) => change({ backend: backend as SeriesForm["backend"] })}
          disabled={isSettled}
          error={errorOf("backend")}
        />
      </fieldset>
    </section>
  );
}
