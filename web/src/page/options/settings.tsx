import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Failure } from "../../common/protocol.js";
import { type Field, type Fields, missingFor, type Values } from "./fields.js";
import { OptionField } from "./option-field.js";
import { isFixed } from "./run-fields.js";

/** Fields that belong together. */
export interface Section {
  readonly title: string;
  readonly fields: readonly Field[];
  /** What stands before and after the fields. */
  readonly before?: ComponentChildren;
  readonly after?: ComponentChildren;
}

export interface SettingsProps {
  readonly sections: readonly Section[];
  /** Sections that are folded up at first. */
  readonly advanced: readonly Section[];
  /** All fields of the form, and what they hold. */
  readonly fields: Fields;
  readonly values: Values;
  readonly onValue: (option: string, value: string | boolean) => void;
  readonly failure: Failure | undefined;
  /** Whether there is a run, which keeps some of its settings, and whether it is under way. */
  readonly hasRun: boolean;
  readonly isBusy: boolean;
}

/** The settings of a run. */
export function Settings({ sections, advanced, hasRun, isBusy, failure, ...form }: SettingsProps) {
  const [isExplained, setIsExplained] = useState(false);
  const refused = failure?.where === "run" ? failure.option : undefined;
  const show = ({ title, fields, before, after }: Section) =>
    (before || !fields.every((field) => missingFor(field, form.values)?.isHidden)) && (
      <fieldset key={title}>
        <legend>{title}</legend>
        {before}
        {fields.map((field) => (
          <OptionField
            key={field.option}
            field={field}
            fields={form.fields}
            values={form.values}
            onValue={form.onValue}
            disabled={isBusy || (hasRun && isFixed(field))}
            error={refused === field.option ? failure?.message : undefined}
          />
        ))}
        {after}
      </fieldset>
    );
  const isRefusedBelow = advanced.some(({ fields }) => fields.some(({ option }) => option === refused));
  return (
    <section class={`panel settings${isExplained ? " explained" : ""}`} aria-label="Settings">
      <div class="heading">
        <h2>Settings</h2>
        <button type="button" class="link" onClick={() => setIsExplained(!isExplained)}>
          {isExplained ? "Hide explanations" : "Explain"}
        </button>
      </div>
      {hasRun && (
        <p class="hint">
          {isBusy
            ? "You can change some settings while the run is paused, and the others after a reset."
            : "To change the settings in gray, press Reset."}
        </p>
      )}
      {sections.map(show)}
      <details open={isRefusedBelow ? true : undefined}>
        <summary>Advanced</summary>
        {advanced.map(show)}
      </details>
    </section>
  );
}
