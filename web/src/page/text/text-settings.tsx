import type { Failure } from "../../common/protocol.js";
import { pick, rest, type Values, withChoices } from "../options/fields.js";
import { HARDWARE_FIELDS } from "../options/run-fields.js";
import { Settings } from "../options/settings.js";
import { FIELDS, MODEL_FIELDS, TRAIN_FIELDS, WORD_FIELDS } from "./text-form.js";

interface SettingsProps {
  readonly values: Values;
  readonly onValue: (option: string, value: string | boolean) => void;
  readonly failure: Failure | undefined;
  readonly backends: readonly string[];
  readonly hasRun: boolean;
  readonly isBusy: boolean;
}

/** What most users change; the rest of the tables is under Advanced. */
const NETWORK = ["hiddenSize", "layers", "window"];
const TRAINING = [
  "epochs",
  "sequenceLength",
  "batchSize",
  "learningRate",
  "optimizer",
  "clipValue",
  "clipNorm",
  "validationFraction",
];
/** An option of the model by its table, of the whole run to the user. */
const SEED = "seed";

/** The settings of a run on a text. */
export function TextSettings({ backends, ...props }: SettingsProps) {
  const { backend, ...hardware } = HARDWARE_FIELDS;
  const offered = withChoices(backend!, ["auto", ...backends]);
  return (
    <Settings
      {...props}
      fields={FIELDS}
      sections={[
        { title: "Network", fields: pick(FIELDS, ["level", ...NETWORK]) },
        { title: "Training", fields: pick(FIELDS, [...TRAINING, SEED]) },
      ]}
      advanced={[
        { title: "Words", fields: rest(WORD_FIELDS, []) },
        { title: "Network", fields: rest(MODEL_FIELDS, [...NETWORK, SEED]) },
        { title: "Training", fields: rest(TRAIN_FIELDS, TRAINING) },
        { title: "Hardware", fields: [offered, ...Object.values(hardware)] },
      ]}
    />
  );
}
