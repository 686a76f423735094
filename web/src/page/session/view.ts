import type { Insight } from "../../common/insight.js";
import type { Moment } from "../../common/moment.js";
import type {
  Curve,
  Failure,
  Phase,
  Prediction,
  Progress,
  Report,
  RunInfo,
  SavedRun,
  TextEvaluation,
  TextMoment,
} from "../../common/protocol.js";
import type {
  Anomalies,
  Search,
  SeriesEvaluation,
  SeriesInsight,
  SeriesMoment,
  ShownSeries,
  TableReport,
} from "../../common/series.js";
import { withLabels } from "../options/labels.js";

/** Characters of generated text to show: with many more, layout takes long for each new one. */
const MAX_GENERATED = 20_000;
/** Moments to look back at. */
const MAX_MOMENTS = 48;

/** An earlier run's losses, and what it was. */
export interface EarlierRun {
  readonly curve: Curve;
  readonly run: RunInfo;
}

/** The state of the page, as its worker's reports have it. */
export interface View {
  readonly backends: readonly string[];
  readonly isIsolated: boolean;
  /** The latest first. */
  readonly savedRuns: readonly SavedRun[];
  /** Why runs are not saved for the next visit. */
  readonly storageProblem?: string | undefined;
  readonly phase: Phase;
  readonly run?: RunInfo | undefined;
  readonly progress?: Progress | undefined;
  readonly curve?: Curve | undefined;
  /** The run before, to compare with. */
  readonly earlier?: EarlierRun | undefined;
  /** The newest last. */
  readonly moments: readonly TextMoment[];
  readonly seriesMoments: readonly SeriesMoment[];
  readonly textEvaluation?: TextEvaluation | undefined;
  readonly seriesEvaluation?: SeriesEvaluation | undefined;
  /** How the table of the form is read. */
  readonly table?: TableReport | undefined;
  readonly search?: Search | undefined;
  /** The series that is drawn. */
  readonly shown?: ShownSeries | undefined;
  readonly anomalies?: Anomalies | undefined;
  readonly seriesInsight?: SeriesInsight | undefined;
  readonly prediction?: Prediction | undefined;
  /** What the user asked for: the prompt, and what follows it. */
  readonly prompt: string;
  readonly generated: string;
  /** Characters generated before those, which are no longer shown. */
  readonly leftOut: number;
  readonly isGenerating: boolean;
  /** Files that are being read as text. */
  readonly filesBeingRead: number;
  /** Seconds that the run of the form would take here, once that is known. */
  readonly estimate?: number | undefined;
  readonly failure?: Failure | undefined;
}

export const INITIAL_VIEW: View = {
  savedRuns: [],
  backends: [],
  isIsolated: false,
  phase: "empty",
  moments: [],
  seriesMoments: [],
  prompt: "",
  generated: "",
  leftOut: 0,
  isGenerating: false,
  filesBeingRead: 0,
};

const WITHOUT_RUN = {
  run: undefined,
  progress: undefined,
  curve: undefined,
  moments: [],
  seriesMoments: [],
  textEvaluation: undefined,
  seriesEvaluation: undefined,
  search: undefined,
  anomalies: undefined,
  seriesInsight: undefined,
  prediction: undefined,
  prompt: "",
  generated: "",
  leftOut: 0,
  isGenerating: false,
} satisfies Partial<View>;

/** The view after a report. */
export function reduce(view: View, report: Report): View {
  switch (report.type) {
    case "host":
      return { ...view, backends: report.backends, isIsolated: report.isolated };
    case "storage":
      return { ...view, savedRuns: report.savedRuns ?? view.savedRuns, storageProblem: report.problem };
    case "phase":
      return withPhase(view, report.phase);
    case "run":
      return { ...view, run: report.run };
    case "read":
      return { ...view, filesBeingRead: view.filesBeingRead - 1 };
    case "estimate":
      return { ...view, estimate: report.seconds };
    case "progress":
      return { ...view, progress: report.progress };
    case "curve":
      return { ...view, curve: report.curve };
    case "moment":
      return { ...view, moments: withMoment(view.moments, report.moment) };
    case "seriesMoment":
      return { ...view, seriesMoments: withMoment(alike(view.seriesMoments, report.moment), report.moment) };
    case "insight":
      return { ...view, moments: withInsight(view.moments, report.insight) };
    case "textEvaluation":
      return { ...view, textEvaluation: report.evaluation };
    case "seriesEvaluation":
      return { ...view, seriesEvaluation: report.evaluation };
    case "table":
      return { ...view, table: { ...report.table, ...problemIn(report.table) } };
    case "search":
      return { ...view, search: report.search };
    case "series":
      return { ...view, shown: report.shown };
    case "anomalies":
      return { ...view, anomalies: report.anomalies };
    case "seriesInsight":
      return { ...view, seriesInsight: report.seriesInsight };
    case "prediction":
      return { ...view, prediction: report.prediction };
    case "generated":
      return {
        ...view,
        ...withGenerated(view, report.text),
        isGenerating: !report.isDone,
      };
    case "failure":
      return { ...view, failure: { ...report.failure, message: withLabels(report.failure.message) } };
    case "file":
      return view;
  }
}

const problemIn = ({ problem }: TableReport): Pick<TableReport, "problem"> =>
  problem === undefined ? {} : { problem: withLabels(problem) };

function withGenerated({ generated, leftOut }: View, text: string): Pick<View, "generated" | "leftOut"> {
  const all = generated + text;
  const more = Math.max(0, all.length - MAX_GENERATED);
  return { generated: all.slice(more), leftOut: leftOut + more };
}

function withPhase(view: View, phase: Phase): View {
  if (phase === "empty") return { ...view, ...WITHOUT_RUN, earlier: earlierOf(view), phase };
  if (phase !== "training") return { ...view, phase };
  return { ...view, phase, textEvaluation: undefined, seriesEvaluation: undefined, anomalies: undefined };
}

const earlierOf = ({ curve, run, earlier }: View): EarlierRun | undefined =>
  curve && run && curve.epochs.length > 1 ? { curve, run } : earlier;

/**
 * One moment per epoch, spaced evenly by the logarithm of the epoch, since a network learns most early: past the limit goes
 * the one that is closest to the next.
 */
function withMoment<One extends Moment>(moments: readonly One[], moment: One): readonly One[] {
  const all = [...moments.filter(({ epoch }) => epoch !== moment.epoch), moment].sort((a, b) => a.epoch - b.epoch);
  if (all.length <= MAX_MOMENTS) return all;
  const gap = (i: number) => Math.log((all[i + 1]!.epoch + 1) / (all[i - 1]!.epoch + 1));
  let closest = 1;
  for (let i = 2; i < all.length - 1; i++) if (gap(i) < gap(closest)) closest = i;
  return all.filter((_, i) => i !== closest);
}

/** The moments that show the same part of the same series. */
const alike = (moments: readonly SeriesMoment[], { shown }: SeriesMoment): readonly SeriesMoment[] =>
  moments.filter((one) => one.shown.id === shown.id && one.shown.part === shown.part);

/** The newest moment, looked into. */
const withInsight = (moments: readonly TextMoment[], insight: Insight): readonly TextMoment[] => {
  const last = moments.at(-1);
  return last ? [...moments.slice(0, -1), { ...last, insight }] : moments;
};
