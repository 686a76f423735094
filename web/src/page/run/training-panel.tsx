import type { ComponentChildren } from "preact";
import { deferred } from "../elements/deferred.js";
import { Controls, type ControlsProps } from "./controls.js";
import { EmptyChart, type LossChartProps } from "./empty-chart.js";
import { FailureMessage } from "./failure-message.js";
import { Metrics } from "./metrics.js";

/** What draws charts is as large as the rest of the page. */
const LossChart = deferred<LossChartProps>(async () => (await import("./loss-chart.js")).LossChart, EmptyChart);

/** The training data, the controls, and the run's progress. */
export function TrainingPanel({
  children,
  fields,
  tokens,
  unit,
  at,
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
}) {
  const { view, epochs } = controls;
  return (
    <section class="training" aria-label="Training">
      {children}
      <Controls {...controls} />
      <FailureMessage failure={view.failure} where="run" fields={fields} />
      {view.phase === "model" && (
        <p class="hint">
          {view.run?.note ??
            "A network that has learned before. Let it generate, look inside, or train a new one on the text above."}
        </p>
      )}
      <Metrics view={view} tokens={tokens} />
      {view.phase === "empty" && <EmptyChart unit={unit} />}
      {view.phase !== "empty" && view.phase !== "model" && (
        <LossChart
          curve={view.curve}
          epochs={view.progress?.epochs ?? (epochs || 1)}
          unit={unit}
          best={view.progress?.bestEpoch}
          at={at}
        />
      )}
    </section>
  );
}
