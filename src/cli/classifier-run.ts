import { createClassifier, examplesOf, getClassifier } from "../classification/classifier.js";
import type { LabeledSequences } from "../classification/sequences.js";
import { chooseEpochs, finalOptions, heldOutOf, searchLength } from "../classification/training.js";
import type { Example } from "../data/examples.js";
import { evaluate } from "../inference/evaluate.js";
import type { Model } from "../model/model.js";
import { splitNames } from "../tables/names.js";
import type { TrainOptions } from "../training/options.js";
import { given, UsageError } from "./flags.js";
import type { Judgement } from "./judgement.js";
import { epochEvent } from "./output.js";
import { shownPath } from "./paths.js";
import { type Run, resolved } from "./planned-run.js";
import { describeSequences, readSequences } from "./sequences.js";
import { keepSource, pathsOf, refuseElsewhere, type Source, storedSource } from "./source.js";
import { tableReading } from "./tables.js";
import { ProgressDisplay } from "./terminal.js";
import type { TextReading } from "./texts.js";
import { classifierOptions, type TrainFlags, trainOptions } from "./train-flags.js";

/** A new classifier for the sequences of --ts, or of --csv with --label. */
export async function newClassifierRun(flags: TrainFlags): Promise<Run> {
  const { ts, csv, label, encoding, columns } = flags;
  const table = tableReading(flags);
  const source: Source = {
    ...given({ ts, csv, label, encoding, columns: columns === undefined ? undefined : splitNames(columns) }),
    table,
  };
  const data = await readSequences(source, { encoding });
  const model = await createClassifier(data, classifierOptions(flags));
  return classifierRun(model, source, data, trainOptions(flags));
}

/** Resumes the run of a checkpoint's classifier. */
export async function resumedClassifierRun(flags: TrainFlags, path: string, model: Model): Promise<Run> {
  const { text, ts, csv, encoding } = flags;
  if (text !== undefined) throw new UsageError(`${shownPath(path)} was trained on sequences: pass --ts or --csv FILE`);
  const stored = storedSource(model);
  const isGiven = ts !== undefined || csv !== undefined;
  const { ts: _, csv: __, ...others } = stored;
  const source: Source = { ...(isGiven ? others : stored), ...given({ ts, csv, encoding }) };
  if (source.ts === undefined && source.csv === undefined)
    throw new UsageError(`${shownPath(path)} does not say what it was trained on: pass --ts FILE or --csv FILE`);
  for (const kind of ["ts", "csv"] as const) if (!isGiven) await refuseElsewhere(path, kind, pathsOf(source[kind]));
  // The user may name a pipe; a checkpoint may only name a regular file.
  const reading: TextReading = { streams: isGiven, encoding: source.encoding };
  return classifierRun(model, source, await readSequences(source, reading), { ...trainOptions(flags), resume: true });
}

function classifierRun(model: Model, source: Source, sequences: LabeledSequences, options: TrainOptions): Run {
  keepSource(model, source);
  const data = examplesOf(model, sequences);
  const settled = options.resume ? options : finalOptions(options, options.epochs);
  return {
    model,
    data,
    options: settled.epochs === undefined ? options : settled,
    // Until the number of epochs is chosen, these only show that the options are valid.
    ...resolved(model, data, settled),
    subject: { kind: "sequences", sequences },
    reads: { texts: [], validationTexts: [], csv: source.csv, ts: source.ts },
    notice: describeSequences(sequences, getClassifier(model).frame),
  };
}

/**
 * A run with its number of epochs, which is chosen now if nobody has said it.
 *
 * @param emit takes an event for each epoch of the search
 * @throws InterruptedSearch if the signal ends the search
 */
export async function withEpochs(
  run: Run,
  isQuiet: boolean,
  signal: AbortSignal,
  emit: (event: object) => void,
): Promise<Run> {
  const { model, options, subject } = run;
  if (subject.kind !== "sequences" || options.epochs !== undefined || options.resume) return run;
  const { epochs } = searchLength(subject.sequences, options);
  const display = isQuiet ? undefined : new ProgressDisplay(epochs, { bits: false });
  display?.start("Choosing the number of epochs with a part of the sequences held out (--epochs N does without)");
  const search = chooseEpochs(model, subject.sequences, { ...options, signal, progressInterval: PROGRESS_INTERVAL });
  try {
    let next = await search.next();
    for (; !next.done; next = await search.next()) {
      if (next.value.event === "epoch") emit({ ...epochEvent(next.value), event: "search" });
      display?.show(next.value);
    }
    const final = finalOptions(options, next.value);
    return { ...run, options: final, ...resolved(model, run.data, final) };
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedSearch();
  } finally {
    display?.clear();
  }
}

/** The search for a number of epochs was interrupted. */
export class InterruptedSearch extends Error {
  override readonly name = "InterruptedSearch";

  constructor() {
    super("the search for the number of epochs was interrupted");
  }
}

/** Time between progress reports within an epoch, in milliseconds. */
const PROGRESS_INTERVAL = 100;

/** How well a trained classifier does: on a part that was held out in training or, without one, on all sequences. */
export async function judge({ model, data, config, options }: Run, signal: AbortSignal): Promise<Judgement> {
  const examples = data as readonly Example[];
  const { validationFraction } = config;
  const isHeldOut = validationFraction > 0;
  const on = isHeldOut ? heldOutOf(model, examples, validationFraction) : examples;
  const { validation } = getClassifier(model);
  const { threads = 0, processGroup } = options;
  const evaluation = await evaluate(model, on, { threads, processGroup, signal });
  return { on: isHeldOut ? "held-out" : "training", evaluation, ...(validation && !isHeldOut ? { validation } : {}) };
}
