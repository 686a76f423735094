import { useId } from "preact/hooks";

interface ChoiceProps<Name extends string> {
  readonly label: string;
  /** Titles by name. */
  readonly options: Readonly<Record<Name, string>>;
  readonly value: Name;
  readonly onValue: (value: Name) => void;
}

/** A choice of few, side by side. */
export function Choice<Name extends string>({ label, options, value, onValue }: ChoiceProps<Name>) {
  const group = useId();
  return (
    <div class="segments" role="radiogroup" aria-label={label}>
      {(Object.entries(options) as [Name, string][]).map(([name, title]) => (
        <label key={name}>
          <input type="radio" name={group} checked={name === value} onChange={() => onValue(name)} />
          <span>{title}</span>
        </label>
      ))}
    </div>
  );
}
