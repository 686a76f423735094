import { GENERATE_OPTIONS } from "lstm-wasm";
import { useState } from "preact/hooks";
import { TextField } from "../elements/field.js";
import { fieldsOf, fill, pick, read } from "../options/fields.js";
import { OptionField } from "../options/option-field.js";
import { FailureMessage } from "../run/failure-message.js";
import type { SessionHandle } from "../session/use-session.js";

const FIELDS = fieldsOf("GENERATE_OPTIONS", GENERATE_OPTIONS);
const SHOWN = ["temperature", "topK", "maxTokens"];
/** As a trained model's sample on the command line. */
const INITIAL = fill(FIELDS, { temperature: 0.8, maxTokens: 400 });

/** Generates text from the user's prompt. */
export function GeneratePanel({ view, send, attempt }: SessionHandle) {
  const [prompt, setPrompt] = useState("to be");
  const [values, setValues] = useState(INITIAL);
  // A new seed for each request, so that the same prompt gives another text.
  const [seed, setSeed] = useState(1);
  const { failure, isGenerating, generated, phase } = view;
  const ownFailure = failure?.where === "generate" ? failure : undefined;
  const errorOf = (option: string) => (ownFailure?.option === option ? ownFailure.message : undefined);
  const hasModel = phase !== "empty" && phase !== "preparing";
  const generate = () =>
    attempt("generate", () => {
      const options = read(FIELDS, values, ({ option }) => SHOWN.includes(option));
      send({ type: "generate", request: { ...options, prompt, seed } });
      setSeed(seed + 1);
    });
  return (
    <section class="panel" aria-labelledby="generate-title">
      <h2 id="generate-title">Generate text</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (hasModel && !isGenerating) generate();
        }}
      >
        <TextField label="Prompt" value={prompt} onValue={setPrompt} error={errorOf("prompt")} />
        <div class="row">
          {pick(FIELDS, SHOWN).map((field) => (
            <OptionField
              key={field.option}
              field={field}
              fields={FIELDS}
              values={values}
              onValue={(option, value) => setValues({ ...values, [option]: value })}
              error={errorOf(field.option)}
            />
          ))}
        </div>
        <div class="controls">
          <button type="submit" aria-disabled={!hasModel || isGenerating}>
            Generate
          </button>
          <button type="button" aria-disabled={!isGenerating} onClick={() => isGenerating && send({ type: "stop" })}>
            Stop
          </button>
        </div>
        {!hasModel && <p class="hint">Train a model or open a checkpoint first.</p>}
      </form>
      <FailureMessage failure={failure} where="generate" fields={["prompt", ...SHOWN]} />
      {generated !== "" && !ownFailure && (
        <blockquote class="generated" data-testid="generated" aria-live="polite" aria-busy={isGenerating}>
          {generated}
        </blockquote>
      )}
    </section>
  );
}
