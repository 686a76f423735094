import type {
  Curve,
  Failure,
  KeptSummary,
  Learned,
  Phase,
  Progress,
  Report,
  RunInfo,
  Sample,
  Tested,
} from "../protocol.js";

/** Characters of what the user had the model write: with many more, each new one would take the page long to lay out. */
const MOST_WRITTEN = 20_000;
/** Samples that can be looked back at. */
const MOST_SAMPLES = 64;

/** What the page knows of a worker's run. */
export interface View {
  readonly backends: readonly string[];
  readonly isIsolated: boolean;
  readonly kept?: KeptSummary | undefined;
  /** Why runs are not kept between visits. */
  readonly keepingProblem?: string | undefined;
  readonly phase: Phase;
  readonly run?: RunInfo | undefined;
  readonly progress?: Progress | undefined;
  readonly curve?: Curve | undefined;
  /** The newest last. */
  readonly samples: readonly Sample[];
  readonly learned?: Learned | undefined;
  readonly tested?: Tested | undefined;
  readonly forecast?: readonly number[] | undefined;
  /** What the user had the model write. */
  readonly written: string;
  readonly isWriting: boolean;
  readonly failure?: Failure | undefined;
}

export const NOTHING: View = {
  backends: [],
  isIsolated: false,
  phase: "empty",
  samples: [],
  written: "",
  isWriting: false,
};

/** Nothing of a run that is no more. */
const WITHOUT_RUN = {
  run: undefined,
  progress: undefined,
  curve: undefined,
  samples: [],
  learned: undefined,
  tested: undefined,
  forecast: undefined,
  written: "",
  isWriting: false,
} satisfies Partial<View>;

/** The view after a report of the worker. */
export function reduce(view: View, report: Report): View {
  switch (report.type) {
    case "host":
      return { ...view, backends: report.backends, isIsolated: report.isolated };
    case "keeping":
      return { ...view, kept: report.kept, keepingProblem: report.problem };
    case "phase":
      return entered(view, report.phase);
    case "run":
      return { ...view, run: report.run, kept: undefined };
    case "progress":
      return { ...view, progress: report.progress };
    case "curve":
      return { ...view, curve: report.curve };
    case "sample":
      return { ...view, samples: withSample(view.samples, report.sample) };
    case "learned":
      return { ...view, learned: report.learned };
    case "tested":
      return { ...view, tested: report.tested };
    case "forecast":
      return { ...view, forecast: report.values };
    case "written":
      return { ...view, written: (view.written + report.piece).slice(-MOST_WRITTEN), isWriting: !report.isOver };
    case "failure":
      return { ...view, failure: report.failure };
    case "file":
      return view;
  }
}

function entered(view: View, phase: Phase): View {
  if (phase === "empty") return { ...view, ...WITHOUT_RUN, phase };
  if (phase === "training") return { ...view, phase, learned: undefined, tested: undefined, forecast: undefined };
  return { ...view, phase };
}

/** One sample for each epoch; where they get too many, every other one of the older goes. */
function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const all = [...samples.filter(({ epoch }) => epoch < sample.epoch), sample];
  return all.length <= MOST_SAMPLES ? all : all.filter((_, i) => i % 2 === 1 || i === all.length - 1);
}
