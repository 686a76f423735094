import { useEffect, useState } from "preact/hooks";
import type { Prediction } from "../../common/protocol.js";
import { count } from "../elements/format.js";
import { FailureMessage } from "../run/failure-message.js";
import type { SessionHandle } from "../session/use-session.js";

/** Outputs of a step that are shown. */
const MOST_COLUMNS = 12;

/** Computes the outputs of a model that generates no text. */
export function PredictPanel({ view, send }: SessionHandle) {
  const { run, prediction, failure } = view;
  const [inputs, setInputs] = useState("");
  const example = run?.predictor?.example ?? "";
  useEffect(() => setInputs(example), [example, run]);
  return (
    <section class="panel" aria-labelledby="predict-title">
      <h2 id="predict-title">Predict</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send({ type: "predict", inputs });
        }}
      >
        <div class="field">
          <label>
            <span>Inputs</span>
            <textarea
              rows={4}
              spellcheck={false}
              value={inputs}
              aria-describedby="predict-reads"
              onInput={({ currentTarget }) => setInputs(currentTarget.value)}
            />
          </label>
          <p id="predict-reads" class="hint">
            The model reads {run?.predictor?.reads}.
          </p>
        </div>
        <div class="controls">
          <button type="submit">Predict</button>
        </div>
      </form>
      <FailureMessage failure={failure} where="predict" />
      {prediction && failure?.where !== "predict" && <Outputs prediction={prediction} />}
    </section>
  );
}

function Outputs({ prediction }: { readonly prediction: Prediction }) {
  const { names, values, steps, isCategorical } = prediction;
  const width = names.length;
  const columns = columnsOf(prediction);
  const rows = values.length / width;
  const hidden = [
    rows < steps ? `${count(steps - rows)} more steps` : "",
    columns.length < width ? `${count(width - columns.length)} more outputs of each` : "",
  ].filter(Boolean);
  return (
    <div class="table" data-testid="prediction">
      <table>
        <caption>{isCategorical ? "Probabilities" : "Values"}, step by step</caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {names[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: rows }, (_, t) => (
            <tr key={t}>
              <th scope="row">{rows === 1 && steps === 1 ? "end" : t + 1}</th>
              {columns.map((column) => (
                <td key={column}>{values[t * width + column]!.toFixed(4)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {hidden.length > 0 && <p class="hint">Not shown: {hidden.join(", ")}.</p>}
    </div>
  );
}

/** The outputs to show: of many classes, the likeliest at the last step that is shown. */
function columnsOf({ names, values, isCategorical }: Prediction): number[] {
  const all = names.map((_, i) => i);
  if (names.length <= MOST_COLUMNS || !isCategorical) return all.slice(0, MOST_COLUMNS);
  const last = values.subarray(values.length - names.length);
  return all.sort((a, b) => last[b]! - last[a]!).slice(0, MOST_COLUMNS);
}
