import type { Backend } from "lstm-wasm";
import { useEffect, useState } from "preact/hooks";
import { BOOK_FILE, fetchBook } from "../../book/book.js";
import { lengthOf } from "../../common/content.js";
import { deferred } from "../elements/deferred.js";
import { SelectField } from "../elements/field.js";
import { SourceField } from "../elements/source-field.js";
import { InsidePanel } from "../inside/inside-panel.js";
import { Lesson } from "../inside/lesson.js";
import { shownOptions, withValue } from "../options/fields.js";
import { LinkProblems } from "../options/link-problems.js";
import { useLink } from "../options/use-link.js";
import { CheckpointPanel } from "../run/checkpoint-panel.js";
import { runActions } from "../run/run-actions.js";
import { SavedRunOffer } from "../run/saved-run.js";
import { Status } from "../run/status.js";
import { TimeTravel } from "../run/time-travel.js";
import { TrainingPanel } from "../run/training-panel.js";
import { useFocusOnError } from "../run/use-focus-on-error.js";
import { useMoments } from "../session/use-moments.js";
import { useSession } from "../session/use-session.js";
import { GeneratePanel } from "./generate-panel.js";
import { SampleView } from "./sample.js";
import {
  configOf,
  contentOf,
  FIELDS,
  fillForm,
  formOf,
  INITIAL_FORM,
  PROMISES,
  type RecipeName,
  recipesFor,
  TEXTS,
  type TextName,
  withOwn,
} from "./text-form.js";
import { TextSettings } from "./text-settings.js";
import { useEstimate } from "./use-estimate.js";

/** Only other programs' models are no language models. */
const PredictPanel = deferred(async () => (await import("./predict-panel.js")).PredictPanel);

const fetchLinks = () => import("./link.js");

/** Trains on a text. */
export function TextTab() {
  const session = useSession("text");
  const { view, send, fail } = session;
  const { phase, run, failure } = view;
  const [form, setForm] = useState(INITIAL_FORM);
  const [isFetching, setIsFetching] = useState(false);
  const changeValue = (option: string, value: string | boolean) =>
    setForm((before) => withValue(before, option, value));
  // Opening a checkpoint or continuing a run fills in the fields. The book's model has been trained by its recipe, which the
  // user or a link may have changed since.
  useEffect(() => {
    const isBook = run?.content.file === BOOK_FILE && !run.training;
    if (run?.isOpened && !isBook) setForm((before) => formOf(before, run));
  }, [run]);
  // A run that starts or resumes shows its newest moment again.
  const moments = useMoments(view.moments, `${phase === "training"} ${run && lengthOf(run.content)}`);
  // A run that cannot be resumed has no settings to keep.
  const hasRun = !["empty", "model", "diverged"].includes(phase);
  const linkProblems = useLink(0, form, fetchLinks, (linked) => {
    if (hasRun) return;
    setForm(linked);
    if (linked.text === "romeo" && !linked.book) openBook();
  });
  const choose = (text: TextName) => {
    setForm(fillForm(form, text, form.recipe));
    if (text === "romeo") openBook();
  };
  const openBook = async () => {
    setIsFetching(true);
    try {
      const { content: book, model } = await fetchBook();
      setForm((before) => ({ ...before, book }));
      send({ type: "open", files: [model], current: book, backend: "auto" });
    } catch (error) {
      fail("data", error instanceof Error ? error.message : String(error));
    } finally {
      setIsFetching(false);
    }
  };
  useEstimate(form, phase === "empty" || phase === "model", send);
  const box = useFocusOnError<HTMLDivElement>(failure);
  const isBusy = phase === "training" || phase === "preparing";
  const token = (run?.level ?? form.values["level"]) === "char" ? "character" : "word";
  const content = contentOf(form);
  const dataError = failure?.where === "data" ? failure.message : undefined;
  return (
    <div ref={box}>
      <LinkProblems problems={linkProblems} />
      <SavedRunOffer view={view} send={send} />
      <div class="stage">
        <SampleView
          view={view}
          moments={moments}
          promise={PROMISES[form.text]}
          onBook={phase === "empty" && form.text !== "romeo" ? () => choose("romeo") : undefined}
        />
        <TrainingPanel
          {...session}
          {...runActions(session, form, setForm, FIELDS, configOf)}
          fields={shownOptions(FIELDS, form.values)}
          at={moments.isLookingBack ? moments.shown?.epoch : undefined}
          isReading={view.filesBeingRead > 0 || isFetching}
          tokens={`${token}s`}
          unit={`nats per ${token}`}
        >
          <div class="row choice">
            <SelectField
              label="Text"
              value={form.text}
              options={TEXTS}
              onValue={(text) => choose(text as TextName)}
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
              readFile={session.readFile}
              label="Your own text"
              content={form.own}
              onContent={(own) => setForm((before) => withOwn(before, own))}
              disabled={hasRun}
              accept=".txt,.md,.csv,text/*"
              error={dataError}
            />
          )}
        </TrainingPanel>
      </div>
      <TimeTravel moments={moments} />
      <Lesson />
      {!run?.predictor && <InsidePanel {...session} moments={moments} />}
      <div class="panels">
        <TextSettings
          values={form.values}
          onValue={changeValue}
          failure={failure}
          backends={view.backends}
          hasRun={hasRun}
          isBusy={isBusy}
        />
        {run?.predictor ? <PredictPanel {...session} /> : <GeneratePanel {...session} />}
        <CheckpointPanel
          {...session}
          current={content}
          backend={form.values["backend"] as Backend | "auto"}
          command={`npx lstm-wasm train --resume ${form.text === "own" ? "model" : form.text}.safetensors`}
        />
      </div>
      <Status view={view} />
    </div>
  );
}
