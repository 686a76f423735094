import type {
  Curve,
  Failure,
  Phase,
  Progress,
  Report,
  RunInfo,
  Sample,
  SavedRun,
  SeriesEvaluation,
  TextEvaluation,
} from "../../common/protocol.js";
import { withLabels } from "../options/labels.js";

/** Characters of generated text to show: with many more, layout takes long for each new one. */
const MAX_GENERATED = 20_000;
/** Samples to look back at. */
const MAX_SAMPLES = 64;

/** The state of the page, as its worker's reports have it. */
export interface View {
  readonly backends: readonly string[];
  readonly isIsolated: boolean;
  readonly savedRun?: SavedRun | undefined;
  /** Why runs are not saved for the next visit. */
  readonly storageProblem?: string | undefined;
  readonly phase: Phase;
  readonly run?: RunInfo | undefined;
  readonly progress?: Progress | undefined;
  readonly curve?: Curve | undefined;
  /** The newest last. */
  readonly samples: readonly Sample[];
  readonly textEvaluation?: TextEvaluation | undefined;
  readonly seriesEvaluation?: SeriesEvaluation | undefined;
  readonly forecast?: readonly number[] | undefined;
  /** The text that the user asked for, prompt included. */
  readonly generated: string;
  readonly isGenerating: boolean;
  readonly failure?: Failure | undefined;
}

export const INITIAL_VIEW: View = {
  backends: [],
  isIsolated: false,
  phase: "empty",
  samples: [],
  generated: "",
  isGenerating: false,
};

const WITHOUT_RUN = {
  run: undefined,
  progress: undefined,
  curve: undefined,
  samples: [],
  textEvaluation: undefined,
  seriesEvaluation: undefined,
  forecast: undefined,
  generated: "",
  isGenerating: false,
} satisfies Partial<View>;

/** The view after a report. */
export function reduce(view: View, report: Report): View {
  switch (report.type) {
    case "host":
      return { ...view, backends: report.backends, isIsolated: report.isolated };
    case "storage":
      return { ...view, savedRun: report.savedRun, storageProblem: report.problem };
    case "phase":
      return withPhase(view, report.phase);
    case "run":
      return { ...view, run: report.run, savedRun: undefined };
    case "progress":
      return { ...view, progress: report.progress };
    case "curve":
      return { ...view, curve: report.curve };
    case "sample":
      return { ...view, samples: withSample(view.samples, report.sample) };
    case "textEvaluation":
      return { ...view, textEvaluation: report.evaluation };
    case "seriesEvaluation":
      return { ...view, seriesEvaluation: report.evaluation };
    case "forecast":
      return { ...view, forecast: report.values };
    case "generated":
      return {
        ...view,
        generated: (view.generated + report.text).slice(-MAX_GENERATED),
        isGenerating: !report.isDone,
      };
    case "failure":
      return { ...view, failure: { ...report.failure, message: withLabels(report.failure.message) } };
    case "file":
      return view;
  }
}

function withPhase(view: View, phase: Phase): View {
  if (phase === "empty") return { ...view, ...WITHOUT_RUN, phase };
  if (phase !== "training") return { ...view, phase };
  return { ...view, phase, textEvaluation: undefined, seriesEvaluation: undefined, forecast: undefined };
}

/** One sample per epoch; past the limit, every other one of the older samples goes. */
function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const all = [...samples.filter(({ epoch }) => epoch < sample.epoch), sample];
  return all.length <= MAX_SAMPLES ? all : all.filter((_, i) => i % 2 === 1 || i === all.length - 1);
}
