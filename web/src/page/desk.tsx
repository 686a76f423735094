import type { ComponentChildren } from "preact";
import { Controls, type ControlsProps } from "./controls.js";
import { Figures } from "./figures.js";
import { LossChart } from "./loss-chart.js";
import { ToldFailure } from "./told-failure.js";

/** What is trained on, the buttons, and how the training goes. */
export function Desk({
  children,
  things,
  unit,
  ...controls
}: ControlsProps & {
  children: ComponentChildren;
  /** What the model reads, in the plural. */
  things: string;
  /** Of the loss. */
  unit: string;
}) {
  const { view, epochs } = controls;
  return (
    <section class="desk" aria-label="Training">
      {children}
      <Controls {...controls} />
      <ToldFailure failure={view.failure} where="run" />
      <Figures view={view} things={things} />
      <LossChart curve={view.curve} epochs={view.progress?.epochs ?? (epochs || 1)} unit={unit} />
    </section>
  );
}
