import { useState } from "preact/hooks";
import { NumberField, TextField } from "../elements/field.js";
import { parseNumber } from "../elements/parse-number.js";
import { FailureMessage } from "../run/failure-message.js";
import type { SessionHandle } from "../session/use-session.js";

/** Generates text from the user's prompt. */
export function GeneratePanel({ view, send }: SessionHandle) {
  const [prompt, setPrompt] = useState("to be");
  const [temperature, setTemperature] = useState("0.8");
  const [topK, setTopK] = useState("");
  const [length, setLength] = useState("400");
  // A new seed for each request, so that the same prompt gives another text.
  const [seed, setSeed] = useState(1);
  const { failure, isGenerating, generated, phase } = view;
  const ownFailure = failure?.where === "generate" ? failure : undefined;
  const errorOf = (option: string) => (ownFailure?.option === option ? ownFailure.message : undefined);
  const hasModel = phase !== "empty" && phase !== "preparing";
  const generate = () => {
    setSeed(seed + 1);
    const request = { prompt, maxTokens: parseNumber(length), temperature: parseNumber(temperature), seed };
    send({ type: "generate", request: topK.trim() === "" ? request : { ...request, topK: parseNumber(topK) } });
  };
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
          <NumberField
            label="Temperature"
            value={temperature}
            onValue={setTemperature}
            error={errorOf("temperature")}
          />
          <NumberField label="Top-k" value={topK} onValue={setTopK} placeholder="all" error={errorOf("topK")} />
          <NumberField label="Length" value={length} onValue={setLength} error={errorOf("maxTokens")} />
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
      <FailureMessage failure={failure} where="generate" />
      {generated !== "" && !ownFailure && (
        <blockquote class="generated" data-testid="generated" aria-live="polite" aria-busy={isGenerating}>
          {generated}
        </blockquote>
      )}
    </section>
  );
}
