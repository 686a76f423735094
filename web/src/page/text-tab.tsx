import { useEffect, useState } from "preact/hooks";
import { CheckpointPanel } from "./checkpoint-panel.js";
import { Desk } from "./desk.js";
import { SelectField } from "./field.js";
import { GeneratePanel } from "./generate-panel.js";
import { KeptRun } from "./kept-run.js";
import { SampleView } from "./sample.js";
import { Status } from "./status.js";
import {
  contentOf,
  FIRST,
  filled,
  formOf,
  numberIn,
  planOf,
  RECIPES,
  type RecipeName,
  TEXTS,
  type TextForm,
  type TextName,
} from "./text-form.js";
import { TextSettings } from "./text-settings.js";
import { TextSource } from "./text-source.js";
import { useFocusOnError } from "./use-focus-on-error.js";
import { useSession } from "./use-session.js";

/** Learning a text. */
export function TextTab() {
  const session = useSession("text");
  const { view, send } = session;
  const { phase, run, failure } = view;
  const [form, setForm] = useState(FIRST);
  const change = (changes: Partial<TextForm>) => setForm((before) => ({ ...before, ...changes }));
  // A checkpoint that is opened, or a run that is continued, fills in the fields.
  useEffect(() => {
    if (run) setForm((before) => formOf(before, run));
  }, [run]);
  const box = useFocusOnError<HTMLDivElement>(failure);
  const isSettled = phase !== "empty";
  const isBusy = phase === "training" || phase === "preparing";
  const thing = (run?.level ?? form.level) === "char" ? "character" : "word";
  const content = contentOf(form);
  const dataError = failure?.where === "data" ? failure.message : undefined;
  return (
    <div ref={box}>
      <KeptRun view={view} send={send} />
      <div class="stage">
        <SampleView view={view} />
        <Desk
          view={view}
          send={send}
          onTrain={() => send({ type: "train", plan: planOf(form) })}
          epochs={numberIn(form.epochs)}
          onEpochs={(epochs) => change({ epochs: String(epochs) })}
          things={`${thing}s`}
          unit={`nats per ${thing}`}
        >
          <div class="row choice">
            <SelectField
              label="Text"
              value={form.text}
              options={TEXTS}
              onValue={(text) => setForm(filled(form, text as TextName, form.recipe))}
              disabled={isSettled}
              error={form.text === "own" ? undefined : dataError}
            />
            <SelectField
              label="Recipe"
              value={form.recipe}
              options={RECIPES}
              onValue={(recipe) => setForm(filled(form, form.text, recipe as RecipeName))}
              disabled={isSettled}
            />
          </div>
          {form.text === "own" && (
            <TextSource
              label="Your own text"
              content={form.own}
              onContent={(own) => change({ own })}
              disabled={isSettled}
              accept=".txt,.md,.csv,text/*"
              error={dataError}
            />
          )}
        </Desk>
      </div>
      <div class="panels">
        <TextSettings
          form={form}
          change={change}
          failure={failure}
          backends={view.backends}
          isSettled={isSettled}
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
