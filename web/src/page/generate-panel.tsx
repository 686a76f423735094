import { useState } from "preact/hooks";
import { NumberField, TextField } from "./field.js";
import { numberIn } from "./text-form.js";
import { ToldFailure } from "./told-failure.js";
import type { SessionHandle } from "./use-session.js";

/** Lets the model write from a beginning that the user gives. */
export function GeneratePanel({ view, send }: SessionHandle) {
  const [prompt, setPrompt] = useState("to be");
  const [temperature, setTemperature] = useState("0.8");
  const [topK, setTopK] = useState("");
  const [length, setLength] = useState("400");
  // Another seed each time, so that another press writes another text.
  const [seed, setSeed] = useState(1);
  const { failure, isWriting, written, phase } = view;
  const mine = failure?.where === "generate" ? failure : undefined;
  const errorOf = (option: string) => (mine?.option === option ? mine.message : undefined);
  const canWrite = phase !== "empty" && phase !== "preparing";
  const begin = () => {
    setSeed(seed + 1);
    const request = { prompt, maxTokens: numberIn(length), temperature: numberIn(temperature), seed };
    send({ type: "generate", request: topK.trim() === "" ? request : { ...request, topK: numberIn(topK) } });
  };
  return (
    <section class="panel" aria-labelledby="generate-title">
      <h2 id="generate-title">Let it write</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canWrite && !isWriting) begin();
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
          <button type="submit" aria-disabled={!canWrite || isWriting}>
            Generate
          </button>
          <button type="button" aria-disabled={!isWriting} onClick={() => isWriting && send({ type: "stop" })}>
            Stop
          </button>
        </div>
        {!canWrite && <p class="hint">There is a model once training has begun.</p>}
      </form>
      <ToldFailure failure={failure} where="generate" />
      {written !== "" && !mine && (
        <blockquote class="written" data-testid="written" aria-live="polite" aria-busy={isWriting}>
          {written}
        </blockquote>
      )}
    </section>
  );
}
