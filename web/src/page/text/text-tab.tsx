import { useEffect, useState } from "preact/hooks";
import { SelectField } from "../elements/field.js";
import { parseNumber } from "../elements/parse-number.js";
import { SourceField } from "../elements/source-field.js";
import { CheckpointPanel } from "../run/checkpoint-panel.js";
import { SavedRunOffer } from "../run/saved-run.js";
import { Status } from "../run/status.js";
import { TrainingPanel } from "../run/training-panel.js";
import { useFocusOnError } from "../run/use-focus-on-error.js";
import { useSession } from "../session/use-session.js";
import { GeneratePanel } from "./generate-panel.js";
import { SampleView } from "./sample.js";
import {
  configOf,
  contentOf,
  fillForm,
  formOf,
  INITIAL_FORM,
  type RecipeName,
  recipesFor,
  TEXTS,
  type TextForm,
  type TextName,
} from "./text-form.js";
import { TextSettings } from "./text-settings.js";

/** Trains on a text. */
export function TextTab() {
  const session = useSession("text");
  const { view, send } = session;
  const { phase, run, failure } = view;
  const [form, setForm] = useState(INITIAL_FORM);
  const change = (changes: Partial<TextForm>) => setForm((before) => ({ ...before, ...changes }));
  // Opening a checkpoint or continuing a run fills in the fields.
  useEffect(() => {
    if (run) setForm((before) => formOf(before, run));
  }, [run]);
  const box = useFocusOnError<HTMLDivElement>(failure);
  const hasRun = phase !== "empty";
  const isBusy = phase === "training" || phase === "preparing";
  const token = (run?.level ?? form.level) === "char" ? "character" : "word";
  const content = contentOf(form);
  const dataError = failure?.where === "data" ? failure.message : undefined;
  return (
    <div ref={box}>
      <SavedRunOffer view={view} send={send} />
      <div class="stage">
        <SampleView view={view} />
        <TrainingPanel
          view={view}
          send={send}
          onTrain={() => send({ type: "train", config: configOf(form) })}
          epochs={parseNumber(form.epochs)}
          onEpochs={(epochs) => change({ epochs: String(epochs) })}
          tokens={`${token}s`}
          unit={`nats per ${token}`}
        >
          <div class="row choice">
            <SelectField
              label="Text"
              value={form.text}
              options={TEXTS}
              onValue={(text) => setForm(fillForm(form, text as TextName, form.recipe))}
              disabled={hasRun}
              error={form.text === "own" ? undefined : dataError}
            />
            <SelectField
              label="Recipe"
              value={form.recipe}
              options={recipesFor(form.text)}
              onValue={(recipe) => setForm(fillForm(form, form.text, recipe as RecipeName))}
              disabled={hasRun}
            />
          </div>
          {form.text === "own" && (
            <SourceField
              label="Your own text"
              content={form.own}
              onContent={(own) => change({ own })}
              disabled={hasRun}
              accept=".txt,.md,.csv,text/*"
              error={dataError}
            />
          )}
        </TrainingPanel>
      </div>
      <div class="panels">
        <TextSettings
          form={form}
          change={change}
          failure={failure}
          backends={view.backends}
          hasRun={hasRun}
          isBusy={isBusy}
        />
        <GeneratePanel view={view} send={send} />
        <CheckpointPanel
          view={view}
          send={send}
          current={content}
          backend={form.backend}
          command={`npm run train -- --resume ${form.text === "own" ? "model" : form.text}.safetensors`}
        />
      </div>
      <Status view={view} />
    </div>
  );
}
