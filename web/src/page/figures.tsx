import type { ComponentChildren } from "preact";
import type { RunInfo } from "../protocol.js";
import type { View } from "./view.js";
import { count, duration, loss, percent, rate } from "./words.js";

/** How the run stands, in figures. */
export function Figures({ view, things }: { readonly view: View; readonly things: string }) {
  const { progress, learned, phase, run } = view;
  const left = phase === "training" ? progress?.secondsLeft : undefined;
  return (
    <dl class="figures" aria-label="How training stands">
      <Figure title="Epoch" id="epoch">
        {progress ? count(progress.epoch) : "–"}
        <span class="quiet"> / {progress ? count(progress.epochs) : "–"}</span>
      </Figure>
      <Figure title="Loss" id="training-loss">
        {progress ? loss(progress.trainLoss) : "–"}
      </Figure>
      {progress?.validationLoss !== undefined && (
        <Figure title="Validation loss" id="validation-loss">
          {loss(progress.validationLoss)}
        </Figure>
      )}
      <Figure title={`${things.charAt(0).toUpperCase()}${things.slice(1)}/s`} id="tokens-per-second">
        {progress && progress.tokensPerSecond > 0 ? rate(progress.tokensPerSecond) : "–"}
      </Figure>
      {learned ? (
        <Figure title={learned.first === undefined ? "Correct" : `Correct of ${count(learned.first)}`} id="accuracy">
          {percent(learned.accuracy)}
        </Figure>
      ) : (
        <Figure title="Time left" id="time-left">
          {left === undefined ? "–" : duration(left)}
        </Figure>
      )}
      <div class="host">
        <dt>Computed by</dt>
        <dd data-testid="host">{run ? hostOf(run, view.isIsolated) : "–"}</dd>
      </div>
    </dl>
  );
}

function Figure({
  title,
  id,
  children,
}: {
  readonly title: string;
  readonly id: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div>
      <dt>{title}</dt>
      <dd data-testid={id}>{children}</dd>
    </div>
  );
}

/** What computes, and why not more of it. */
function hostOf(run: RunInfo, isIsolated: boolean): string {
  const { parameters, backend, threads, note } = run;
  const crew = threads > 1 ? `${threads} threads` : `1 thread${whyOne(run, isIsolated)}`;
  return `${count(parameters)} parameters, ${backend} kernels, ${crew}.${note ? ` ${note}` : ""}`;
}

function whyOne({ training, backend }: RunInfo, isIsolated: boolean): string {
  if (backend === "javascript") return "";
  if (!isIsolated) return ": this page is not cross-origin isolated, so threads cannot share memory";
  return training.batchSize === 1 ? ": a batch of one cannot be shared out" : "";
}
