import type { Failure } from "../../common/protocol.js";
import { CheckField, SelectField } from "../elements/field.js";
import { pick, rest, withChoices } from "../options/fields.js";
import { HARDWARE_FIELDS } from "../options/run-fields.js";
import { Settings } from "../options/settings.js";
import { FIELDS, MODEL_FIELDS, SERIES_FIELDS, type SeriesForm, TRAIN_FIELDS, withTarget } from "./series-form.js";

interface SettingsProps {
  readonly form: SeriesForm;
  readonly change: (changes: Partial<SeriesForm>) => void;
  readonly onValue: (option: string, value: string | boolean) => void;
  /** The table's numeric columns. */
  readonly columns: readonly string[];
  readonly failure: Failure | undefined;
  readonly backends: readonly string[];
  readonly hasRun: boolean;
  readonly isBusy: boolean;
}

/** What most users change; the rest of the tables is under Advanced. */
const SERIES = ["window", "testFraction", "season", "logarithm", "difference"];
const NETWORK = ["hiddenSize", "seed"];
const TRAINING = ["epochs", "learningRate"];

/** The settings of a run on a series. */
export function SeriesSettings({ form, change, columns, backends, ...props }: SettingsProps) {
  const { hasRun, failure } = props;
  const { backend, ...hardware } = HARDWARE_FIELDS;
  const toggle = (name: string, isInput: boolean) =>
    change({ columns: columns.filter((other) => (other === name ? isInput : form.columns.includes(other))) });
  const target = (
    <SelectField
      label="Target"
      value={form.target}
      options={Object.fromEntries(columns.map((name) => [name, name]))}
      onValue={(name) => change(withTarget(form, name))}
      disabled={hasRun}
      error={failure?.where === "run" && failure.option === "target" ? failure.message : undefined}
    />
  );
  const inputs = columns.length > 1 && (
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
  );
  return (
    <Settings
      {...props}
      fields={FIELDS}
      values={form.values}
      sections={[
        { title: "Series", fields: pick(FIELDS, SERIES), before: target, after: inputs },
        { title: "Training", fields: pick(FIELDS, ["hiddenSize", ...TRAINING, "seed"]) },
      ]}
      advanced={[
        { title: "Series", fields: rest(SERIES_FIELDS, SERIES) },
        { title: "Network", fields: rest(MODEL_FIELDS, NETWORK) },
        { title: "Training", fields: rest(TRAIN_FIELDS, TRAINING) },
        { title: "Hardware", fields: [withChoices(backend!, ["auto", ...backends]), ...Object.values(hardware)] },
      ]}
    />
  );
}
