import type { ComponentChildren } from "preact";
import { deferred } from "../elements/deferred.js";
import { duration } from "../elements/format.js";
import { Controls, type ControlsProps } from "./controls.js";
import { EmptyChart, type LossChartProps } from "./empty-chart.js";
import { FailureMessage } from "./failure-message.js";
import { Metrics } from "./metrics.js";

/** What draws charts is as large as the rest of the page. */
const LossChart = deferred<LossChartProps>(async () => (await import("./loss-chart.js")).LossChart, EmptyChart);

const LiveControls = deferred(async () => (await import("./live-controls.js")).LiveControls);

/** The training data, the controls, and the run's progress. */
export function TrainingPanel({
  children,
  fields,
  tokens,
  unit,
  at,
  onLearningRate,
  ...controls
}: ControlsProps & {
  children: ComponentChildren;
  /** Options whose fields show their own failures. */
  fields: readonly string[];
  /** What the model reads, in the plural. */
  tokens: string;
  /** Of the loss. */
  unit: string;
  /** The epoch that the user looks back at. */
  at?: number | undefined;
  /** Learns of a learning rate that is changed while the run is under way. */
  onLearningRate: (rate: number) => void;
}) {
  const { view, epochs } = controls;
  return (
    <section class="training" aria-label="Training">
      {children}
      <Controls {...controls} />
      {["empty", "model"].includes(view.phase) && view.estimate !== undefined && (
        <p class="hint" data-testid="estimate">
          About {duration(view.estimate)} on this computer.
        </p>
      )}
      <FailureMessage failure={view.failure} where="run" fields={fields} />
      {(view.phase === "training" || view.phase === "paused") && (
        <LiveControls view={view} send={controls.send} onLearningRate={onLearningRate} />
      )}
      {view.phase === "model" && (
        <p class="hint">
          {view.run?.note ??
            (view.run?.predictor
              ? "A network that has learned before. Let it predict, or train a new one on the text above."
              : "A network that has learned before. Let it generate, look inside, or train a new one on the text above.")}
        </p>
      )}
      <Metrics view={view} tokens={tokens} />
      {!view.curve && view.phase !== "model" && <EmptyChart unit={unit} />}
      {view.curve && view.phase !== "empty" && view.phase !== "model" && (
        <LossChart
          curve={view.curve}
          run={view.run}
          earlier={view.earlier}
          epochs={view.progress?.epochs ?? (epochs || 1)}
          unit={unit}
          best={view.progress?.bestEpoch}
          at={at}
        />
      )}
    </section>
  );
}
