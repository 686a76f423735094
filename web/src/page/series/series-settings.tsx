import type { Failure } from "../../common/protocol.js";
import type { TableReport } from "../../common/series.js";
import { SelectField } from "../elements/field.js";
import { pick, rest, withChoices } from "../options/fields.js";
import { HARDWARE_FIELDS } from "../options/run-fields.js";
import { Settings } from "../options/settings.js";
import {
  FIELDS,
  FORECASTER_FIELDS,
  MODEL_FIELDS,
  type Role,
  type SeriesForm,
  TABLE_FIELDS,
  TRAIN_FIELDS,
} from "./series-form.js";

interface SettingsProps {
  readonly form: SeriesForm;
  readonly change: (changes: Partial<SeriesForm>) => void;
  readonly onValue: (option: string, value: string | boolean) => void;
  readonly table: TableReport | undefined;
  readonly failure: Failure | undefined;
  readonly backends: readonly string[];
  readonly hasRun: boolean;
  readonly isBusy: boolean;
}

/** What most users change; the rest of the tables is under Advanced. */
const FORECAST = ["horizon", "season", "interval", "transform"];
const TRAINING = ["hiddenSize", "epochs", "learningRate", "seed"];

/** What a column may be. */
const ROLES: Readonly<Record<Role | "none", string>> = {
  none: "not read",
  past: "read up to the last row",
  future: "known in advance",
  static: "one value per series",
};

/** A select's names of what may be no column's. */
const [AUTOMATIC, NONE] = [" automatic", " none"];

/** The settings of a run on series. */
export function SeriesSettings({ form, change, table, backends, ...props }: SettingsProps) {
  const { hasRun } = props;
  const { backend, ...hardware } = HARDWARE_FIELDS;
  return (
    <Settings
      {...props}
      fields={FIELDS}
      values={form.values}
      sections={[
        {
          title: "Table",
          fields: [],
          before: <ColumnFields form={form} change={change} table={table} disabled={hasRun} failure={props.failure} />,
        },
        { title: "Forecast", fields: pick(FIELDS, FORECAST) },
        { title: "Training", fields: pick(FIELDS, TRAINING) },
      ]}
      advanced={[
        { title: "Series", fields: rest(FORECASTER_FIELDS, FORECAST) },
        { title: "Table", fields: Object.values(TABLE_FIELDS) },
        { title: "Network", fields: rest(MODEL_FIELDS, TRAINING) },
        { title: "Training", fields: rest(TRAIN_FIELDS, TRAINING) },
        { title: "Hardware", fields: [withChoices(backend!, ["auto", ...backends]), ...Object.values(hardware)] },
      ]}
    />
  );
}

/** What each column of the table is. */
function ColumnFields({
  form,
  change,
  table,
  disabled,
  failure,
}: Pick<SettingsProps, "form" | "change" | "table" | "failure"> & { readonly disabled: boolean }) {
  const { names = [], numeric = [], dates = [] } = table ?? {};
  const { target, date, id, roles } = form;
  const used = [target, date, id, ...(date === undefined && dates.length === 1 ? dates : [])];
  const others = names.filter((name) => !used.includes(name));
  const without = (name: string) => Object.fromEntries(Object.entries(roles).filter(([other]) => other !== name));
  const titles = (all: readonly string[]) => Object.fromEntries(all.map((name) => [name, name]));
  return (
    <>
      <SelectField
        label="Target"
        value={target}
        options={titles(numeric.includes(target) || target === "" ? numeric : [target, ...numeric])}
        onValue={(name) => change({ target: name, roles: without(name) })}
        disabled={disabled}
        error={failure?.where === "run" && failure.option === "target" ? failure.message : undefined}
        help="The column to forecast."
      />
      <SelectField
        label="Date column"
        value={date === undefined ? AUTOMATIC : date === false ? NONE : date}
        options={{ [AUTOMATIC]: "automatic", [NONE]: "none", ...titles(names) }}
        onValue={(name) =>
          change({
            date: name === AUTOMATIC ? undefined : name === NONE ? false : name,
            roles: without(name),
          })
        }
        disabled={disabled}
        help="The column by which rows are sorted, and whose dates forecasts have; automatic takes the only one of dates."
      />
      <SelectField
        label="Series column"
        value={id ?? NONE}
        options={{ [NONE]: "one", ...titles(names.filter((name) => name !== target)) }}
        onValue={(name) => change({ id: name === NONE ? undefined : name, roles: without(name) })}
        disabled={disabled}
        help="The column that tells series apart, where several stand one below the other. One network learns from all."
      />
      {others.length > 0 && (
        <details class="roles" open={Object.keys(roles).length > 0 ? true : undefined}>
          <summary>Other columns</summary>
          {others.map((name) => (
            <SelectField
              key={name}
              label={name}
              value={roles[name] ?? "none"}
              options={ROLES}
              onValue={(role) =>
                change({ roles: role === "none" ? without(name) : { ...roles, [name]: role as Role } })
              }
              disabled={disabled}
              help="What the network knows of this column, and when: up to the last row, in the rows to come as well, or one value for the whole series."
            />
          ))}
        </details>
      )}
    </>
  );
}
