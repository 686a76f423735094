import { GENERATE_OPTIONS } from "lstm-wasm";
import { useEffect, useState } from "preact/hooks";
import type { RunInfo } from "../../common/protocol.js";
import { TextField } from "../elements/field.js";
import { count } from "../elements/format.js";
import { fieldsOf, fill, pick, read } from "../options/fields.js";
import { OptionField } from "../options/option-field.js";
import { FailureMessage } from "../run/failure-message.js";
import type { SessionHandle } from "../session/use-session.js";

const FIELDS = fieldsOf("GENERATE_OPTIONS", GENERATE_OPTIONS);
const SHOWN = ["temperature", "topK", "maxTokens"];
/** As a trained model's sample on the command line. */
const INITIAL = fill(FIELDS, { temperature: 0.8, maxTokens: 400 });

const PROMPT = "to be";

/** What the text of a model of characters does not have, of a prompt. */
function unknownIn(prompt: string, run: RunInfo | undefined): string | undefined {
  if (run?.level !== "char") return undefined;
  const known = new Set(run.characters);
  const unknown = new Set([...prompt].filter((character) => !known.has(character)));
  if (unknown.size === 0) return undefined;
  return `The model does not know ${[...unknown].map((character) => `“${character}”`).join(" ")}, and will not read ${unknown.size === 1 ? "it" : "them"}.`;
}

/** Generates text from the user's prompt. */
export function GeneratePanel({ view, send, attempt }: SessionHandle) {
  const [prompt, setPrompt] = useState(PROMPT);
  const [values, setValues] = useState(INITIAL);
  // A new seed for each request, so that the same prompt gives another text.
  const [seed, setSeed] = useState(1);
  const { failure, isGenerating, generated, phase, leftOut, run } = view;
  // A model that was opened may know none of its characters or words.
  const offered = run?.prompt;
  useEffect(() => {
    if (offered !== undefined && prompt === PROMPT && (run?.level === "word" || unknownIn(PROMPT, run)))
      setPrompt(offered);
  }, [offered]);
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
        <TextField
          label="Prompt"
          value={prompt}
          onValue={setPrompt}
          error={errorOf("prompt")}
          hint={unknownIn(prompt, run)}
        />
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
      {(isGenerating || generated !== "") && !ownFailure && (
        <>
          {leftOut > 0 && <p class="hint">The first {count(leftOut)} characters are no longer shown.</p>}
          <blockquote class="generated" dir="auto" data-testid="generated" aria-live="polite" aria-busy={isGenerating}>
            {leftOut === 0 && <strong>{view.prompt}</strong>}
            {generated}
          </blockquote>
          <button type="button" class="link" onClick={() => navigator.clipboard?.writeText(view.prompt + generated)}>
            Copy text
          </button>
        </>
      )}
    </section>
  );
}
