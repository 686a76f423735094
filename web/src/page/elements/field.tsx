import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { parseNumber, step } from "./number-text.js";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly disabled?: boolean;
  /** What is wrong with the value. */
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
  /** What its present value means, where the help text says so too. */
  readonly meaning?: string | undefined;
  /** What the field is for, in a tooltip; shown below the field in a box of the class `explained`. */
  readonly help?: string | undefined;
}

/** A label, a control, what there is to say about its value, and a help text. */
function Field({
  label,
  error,
  hint,
  meaning,
  help,
  children,
}: Pick<FieldProps, "label" | "error" | "hint" | "meaning" | "help"> & {
  readonly children: (attributes: {
    readonly id: string;
    readonly "aria-invalid"?: "true";
    readonly "aria-describedby"?: string;
  }) => ComponentChildren;
}) {
  const id = useId();
  const note = error ?? hint;
  const descriptions = [note && `${id}-note`, help && !error && `${id}-help`].filter(Boolean).join(" ");
  return (
    <div class="field" title={help}>
      <label for={id}>{label}</label>
      {children({
        id,
        ...(error ? { "aria-invalid": "true" } : {}),
        ...(descriptions ? { "aria-describedby": descriptions } : {}),
      })}
      {note && (
        <p id={`${id}-note`} class={error ? "error" : "hint"}>
          {note}
        </p>
      )}
      {meaning && !note && <p class="hint meaning">{meaning}</p>}
      {help && (
        <p id={`${id}-help`} class="help">
          {help}
        </p>
      )}
    </div>
  );
}

/** A number as ARIA has them, without an exponent; undefined for one so large or small. */
const spoken = (value: number | undefined): number | undefined =>
  Number.isFinite(value) && !String(value).includes("e") ? value : undefined;

interface NumberFieldProps extends FieldProps {
  readonly placeholder?: string | undefined;
  readonly isInteger?: boolean;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * A number, which the arrow keys step. It stays text until it is used: a field of the type number does not tell what was
 * typed where it cannot read it.
 */
export function NumberField({
  value,
  onValue,
  disabled,
  placeholder,
  isInteger = false,
  min = Number.NEGATIVE_INFINITY,
  max = Number.POSITIVE_INFINITY,
  ...field
}: NumberFieldProps) {
  const number = parseNumber(value === "" ? (placeholder ?? "") : value);
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : undefined;
    if (direction === undefined || number === undefined) return;
    event.preventDefault();
    const next = step(number, direction, isInteger);
    if (next >= min && next <= max) onValue(String(next));
  };
  return (
    <Field {...field}>
      {(attributes) => (
        <input
          {...attributes}
          role="spinbutton"
          aria-valuenow={spoken(number)}
          aria-valuetext={value || placeholder}
          aria-valuemin={spoken(min)}
          aria-valuemax={spoken(max)}
          inputMode={isInteger ? "numeric" : "decimal"}
          autocomplete="off"
          value={value}
          disabled={disabled}
          placeholder={placeholder}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      )}
    </Field>
  );
}

export function TextField({ value, onValue, disabled, ...field }: FieldProps) {
  return (
    <Field {...field}>
      {(attributes) => (
        <input
          {...attributes}
          class="prompt"
          dir="auto"
          autocomplete="off"
          value={value}
          disabled={disabled}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** A choice from a list. */
export function SelectField({
  value,
  onValue,
  disabled,
  options,
  ...field
}: FieldProps & {
  /** Titles by value. */
  readonly options: Readonly<Record<string, string>>;
}) {
  return (
    <Field {...field}>
      {(attributes) => (
        <select
          {...attributes}
          value={value}
          disabled={disabled}
          onChange={({ currentTarget }) => onValue(currentTarget.value)}
        >
          {Object.entries(options).map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** A checkbox. */
export function CheckField({
  label,
  checked,
  onChecked,
  disabled,
  help,
}: Pick<FieldProps, "label" | "disabled" | "help"> & {
  readonly checked: boolean;
  readonly onChecked: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div class="check" title={help}>
      <label>
        <input
          type="checkbox"
          checked={checked}
          disabled={disabled}
          aria-describedby={help && id}
          onChange={({ currentTarget }) => onChecked(currentTarget.checked)}
        />
        {label}
      </label>
      {help && (
        <p id={id} class="help">
          {help}
        </p>
      )}
    </div>
  );
}
