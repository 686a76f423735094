import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly disabled?: boolean;
  /** What is wrong with the value. */
  readonly error?: string | undefined;
  readonly hint?: string;
}

/** A label, a control, and a hint or an error. */
function Field({
  label,
  error,
  hint,
  children,
}: Pick<FieldProps, "label" | "error" | "hint"> & {
  readonly children: (attributes: {
    readonly id: string;
    readonly "aria-invalid"?: "true";
    readonly "aria-describedby"?: string;
  }) => ComponentChildren;
}) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        ...(error ? { "aria-invalid": "true" } : {}),
        ...(note ? { "aria-describedby": `${id}-note` } : {}),
      })}
      {note && (
        <p id={`${id}-note`} class={error ? "error" : "hint"}>
          {note}
        </p>
      )}
    </div>
  );
}

/** A number. It stays text until a run starts, so that the library validates it. */
export function NumberField({
  value,
  onValue,
  disabled,
  placeholder,
  ...field
}: FieldProps & { readonly placeholder?: string }) {
  return (
    <Field {...field}>
      {(attributes) => (
        <input
          {...attributes}
          inputMode="decimal"
          autocomplete="off"
          value={value}
          disabled={disabled}
          placeholder={placeholder}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
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
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChecked: (checked: boolean) => void;
  readonly disabled?: boolean;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={({ currentTarget }) => onChecked(currentTarget.checked)}
      />
      {label}
    </label>
  );
}
