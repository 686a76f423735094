import type { ComponentChildren } from "preact";
import type { Progress, RunInfo } from "../../common/protocol.js";
import { count, duration, loss, percent, rate } from "../elements/format.js";
import type { View } from "../session/view.js";

/** The run's progress in numbers, and what it runs on. */
export function Metrics({ view, tokens }: { readonly view: View; readonly tokens: string }) {
  const { progress, textEvaluation, phase, run } = view;
  const left = phase === "training" ? progress?.secondsLeft : undefined;
  return (
    <dl class="metrics" aria-label="Training progress">
      {phase !== "model" && (
        <>
          <Metric title="Epoch" id="epoch">
            {progress ? count(progress.epoch) : "–"}
            <span class="quiet"> / {progress ? count(progress.epochs) : "–"}</span>
          </Metric>
          <Metric title="Loss" id="training-loss">
            {progress ? loss(progress.trainLoss) : "–"}
          </Metric>
          {progress?.validationLoss !== undefined && (
            <Metric title="Validation loss" id="validation-loss">
              {loss(progress.validationLoss)}
            </Metric>
          )}
          <Metric title={`${tokens.charAt(0).toUpperCase()}${tokens.slice(1)}/s`} id="tokens-per-second">
            {progress && progress.tokensPerSecond > 0 ? rate(progress.tokensPerSecond) : "–"}
          </Metric>
          {textEvaluation ? (
            <Metric
              title={textEvaluation.first === undefined ? "Accuracy" : `Accuracy, first ${count(textEvaluation.first)}`}
              id="accuracy"
            >
              {percent(textEvaluation.accuracy)}
            </Metric>
          ) : (
            phase !== "done" && (
              <Metric title="Time left" id="time-left">
                {left === undefined ? "–" : duration(left)}
              </Metric>
            )
          )}
        </>
      )}
      {progress?.bestEpoch !== undefined && (
        <div class="host">
          <dt>{progress.keptLoss === undefined ? "Best on held-out data" : "Best epoch"}</dt>
          <dd data-testid="best-epoch">
            {progress.keptLoss === undefined
              ? bestOf(progress.bestEpoch, phase === "training", progress.epoch)
              : keptOf(progress.bestEpoch, progress.keptLoss, phase === "diverged" ? undefined : progress)}
          </dd>
        </div>
      )}
      {run && (
        <div class="host">
          <dt>Running on</dt>
          <dd data-testid="host">{describeHost(run, view.isIsolated)}</dd>
        </div>
      )}
    </dl>
  );
}

/** Whose parameters generate: the last epoch's during training, the best one's after it. */
const bestOf = (best: number, isTraining: boolean, last: number): string =>
  isTraining
    ? `Epoch ${count(best)} so far; the model as it is now speaks.`
    : best === last
      ? `Epoch ${count(best)}, the last.`
      : `Epoch ${count(best)}: the model speaks with its parameters, not with those of epoch ${count(last)}.`;

/** What the model keeps of a run that diverged, or ended worse than it had been. */
const keptOf = (best: number, kept: number, end: Progress | undefined): string => {
  const what = `Epoch ${count(best)}, with loss ${loss(kept)}`;
  if (!end) return `${what}: the model went back to it.`;
  const worse = percent(end.trainLoss / kept - 1);
  return `${what}: that of epoch ${count(end.epoch)} is ${worse} above it. So the model went back to it.`;
};

function Metric({
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

/** Backend, size and threads, and why there are no more threads. */
function describeHost(run: RunInfo, isIsolated: boolean): string {
  const { parameters, backend, threads, note } = run;
  const facts = [`${backend} kernels`, `${count(parameters)} parameters`];
  if (threads !== undefined) facts.push(threads > 1 ? `${threads} threads` : `1 thread${whyOne(run, isIsolated)}`);
  return `${facts.join(", ")}.${note && !run.isOpened ? ` ${note}` : ""}`;
}

function whyOne({ training, backend }: RunInfo, isIsolated: boolean): string {
  if (backend === "javascript") return "";
  // WebKitGTK isolates the page and has no SharedArrayBuffer all the same.
  if (!isIsolated)
    return crossOriginIsolated
      ? ": this browser has no memory that threads can share"
      : ": this page is not cross-origin isolated, so threads cannot share memory";
  if (training?.batchSize === 1) return ": batch size 1 cannot be split across threads";
  return training?.gradientShards === 1 ? ": the batch has one gradient shard, so threads cannot share it" : "";
}
