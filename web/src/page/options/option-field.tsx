import { CheckField, NumberField, SelectField } from "../elements/field.js";
import { type Field, type Fields, isComputed, missingFor, placeholderOf, type Values } from "./fields.js";
import { helpOf, meaningOfZero } from "./help.js";
import { choiceTitle, labelOf } from "./labels.js";

interface OptionFieldProps {
  readonly field: Field;
  /** All fields of the form, and what they hold. */
  readonly fields: Fields;
  readonly values: Values;
  readonly onValue: (option: string, value: string | boolean) => void;
  readonly disabled?: boolean;
  readonly error?: string | undefined;
}

/** The field for an option, by its type. It is absent, or says why, where the option has no effect. */
export function OptionField({ field, fields, values, onValue, disabled = false, error }: OptionFieldProps) {
  const { option, table, spec } = field;
  const missing = missingFor(field, values);
  if (missing?.isHidden) return null;
  const value = values[option] ?? "";
  const common = {
    label: labelOf(option, table),
    help: helpOf(field),
    hint: missing?.reason,
    meaning: value === "0" ? meaningOfZero(field) : undefined,
    disabled: disabled || missing !== undefined,
    error,
    onValue: (changed: string) => onValue(option, changed),
  };
  if (typeof value === "boolean")
    return <CheckField {...common} checked={value} onChecked={(checked) => onValue(option, checked)} />;
  if (spec.type === "boolean")
    return <SelectField {...common} value={value} options={{ "": "automatic", true: "yes", false: "no" }} />;
  if (spec.type === "choice") {
    const choices = Object.fromEntries(
      (spec.choices as readonly string[]).map((name) => [name, choiceTitle(name, table)]),
    );
    return (
      <SelectField {...common} value={value} options={isComputed(spec) ? { "": "automatic", ...choices } : choices} />
    );
  }
  return (
    <NumberField
      {...common}
      value={value}
      placeholder={placeholderOf(field, fields, values)}
      isInteger={spec.type === "integer"}
      min={spec.min}
      max={spec.max}
    />
  );
}
