import { useEffect, useRef, useState } from "preact/hooks";
import type { SeriesEvaluation } from "../../common/series.js";
import { count, loss, percent, plural } from "../elements/format.js";
import type { View } from "../session/view.js";

/** Milliseconds between announcements during training. */
const INTERVAL = 10_000;

/** Announces the run's state to screen readers: when it changes, and every ten seconds of training. */
export function Status({ view }: { readonly view: View }) {
  const latest = useRef(view);
  latest.current = view;
  const [announcement, setAnnouncement] = useState("");
  const { phase, textEvaluation, seriesEvaluation } = view;
  useEffect(() => {
    const announce = () => setAnnouncement(describe(latest.current));
    announce();
    if (phase !== "training" && phase !== "preparing") return undefined;
    const timer = setInterval(announce, INTERVAL);
    return () => clearInterval(timer);
  }, [phase, textEvaluation, seriesEvaluation]);
  return (
    <p class="visually-hidden" role="status">
      {announcement}
    </p>
  );
}

function describe({ phase, progress, textEvaluation, seriesEvaluation, search, run }: View): string {
  const at = progress
    ? `Epoch ${count(progress.epoch)} of ${count(progress.epochs)}, loss ${loss(progress.trainLoss)}.`
    : "";
  switch (phase) {
    case "empty":
      return "";
    case "preparing":
      return search?.current
        ? `Trying how to read the series, ${search.current.trial} of ${search.current.trials}.`
        : "Preparing.";
    case "training":
      return `Training. ${at}`;
    case "paused":
      return `Paused. ${at}`;
    case "model":
      return `The model is open: it can ${run?.kind === "series" ? "forecast" : "generate text"}.`;
    case "diverged":
      return "Training diverged. The model keeps the best parameters it had.";
    case "done":
      return `Done. ${at} ${textEvaluation ? `Accuracy ${percent(textEvaluation.accuracy)}.` : errorIn(seriesEvaluation)}`;
  }
}

const errorIn = (evaluation: SeriesEvaluation | undefined): string =>
  evaluation && evaluation.rows > 0
    ? `Typical error ${evaluation.own.rmse.toPrecision(3)} on ${plural(evaluation.rows, "held-out row")}.`
    : "";
