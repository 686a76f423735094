import type { ComponentChildren } from "preact";
import { Controls, type ControlsProps } from "./controls.js";
import { FailureMessage } from "./failure-message.js";
import { LossChart } from "./loss-chart.js";
import { Metrics } from "./metrics.js";

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
      {view.phase !== "model" && (
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
