import { useState } from "preact/hooks";
import type { Anomalies, Scope } from "../../common/series.js";
import { SelectField } from "../elements/field.js";
import { count, plural } from "../elements/format.js";
import { type FieldSpec, fieldsOf, fill, read } from "../options/fields.js";
import { OptionField } from "../options/option-field.js";
import { FailureMessage } from "../run/failure-message.js";
import type { SessionHandle } from "../session/use-session.js";
import { shown } from "./number.js";

const score: FieldSpec = { type: "number", default: 2, min: 1 };
const FIELDS = fieldsOf("page", { score });

const SCOPES: Readonly<Record<Scope, string>> = {
  heldOut: "rows that were held out",
  all: "all rows, those of training too",
};

/** Finds the rows that lie outside the interval forecast from the rows before. */
export function AnomaliesPanel({ view, send, attempt }: SessionHandle) {
  const [scope, setScope] = useState<Scope>("heldOut");
  const [values, setValues] = useState(fill(FIELDS, {}));
  const { failure, anomalies, phase } = view;
  const isReady = ["done", "paused", "model", "diverged"].includes(phase);
  return (
    <section class="panel" aria-label="Anomalies">
      <h2>Anomalies</h2>
      <p>
        Rows outside the interval that is forecast for them from the rows before. An interval of 80 % leaves out every
        fifth row as it is: the score says how far out a row lies.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          attempt("anomalies", () => send({ type: "detect", scope, ...(read(FIELDS, values) as { score: number }) }));
        }}
      >
        <SelectField
          label="Look at"
          value={scope}
          options={SCOPES}
          onValue={(name) => setScope(name as Scope)}
          help="A model has seen the rows that it was trained on: it is less surprised by them."
        />
        <OptionField
          field={FIELDS["score"]!}
          fields={FIELDS}
          values={values}
          onValue={(option, value) => setValues({ [option]: value })}
        />
        <div class="controls">
          <button type="submit" disabled={!isReady}>
            Find anomalies
          </button>
        </div>
      </form>
      <FailureMessage failure={failure} where="anomalies" />
      {anomalies && <AnomalyList anomalies={anomalies} />}
    </section>
  );
}

function AnomalyList({ anomalies: { outside, marked, score, worst } }: { readonly anomalies: Anomalies }) {
  const hasIds = worst.some(({ id }) => id !== undefined);
  return (
    <div class="found" data-testid="anomalies">
      <p>
        {plural(outside, "row")} outside {outside === 1 ? "its" : "their"} interval, {count(marked)} with a score of{" "}
        {score} or more{marked > worst.length ? `; the ${worst.length} worst:` : "."}
      </p>
      {worst.length > 0 && (
        <table class="figures">
          <thead>
            <tr>
              {hasIds && <th scope="col">Series</th>}
              <th scope="col">Row</th>
              <th scope="col">Value</th>
              <th scope="col">Interval</th>
              <th scope="col">Score</th>
            </tr>
          </thead>
          <tbody>
            {worst.map(({ id, place, value, low, high, score }) => (
              <tr key={`${id} ${place}`}>
                {hasIds && <td>{id}</td>}
                <th scope="row">{place}</th>
                <td>{shown(value)}</td>
                <td>
                  {shown(low)} to {shown(high)}
                </td>
                <td>{shown(score)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
