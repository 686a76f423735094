import { useEffect, useRef, useState } from "preact/hooks";
import { count, loss, percent } from "../elements/format.js";
import type { View } from "../session/view.js";

/** Milliseconds between announcements during training. */
const INTERVAL = 10_000;

/** Announces the run's state to screen readers: when it changes, and every ten seconds of training. */
export function Status({ view }: { readonly view: View }) {
  const latest = useRef(view);
  latest.current = view;
  const [announcement, setAnnouncement] = useState("");
  const { phase, textEvaluation } = view;
  useEffect(() => {
    const announce = () => setAnnouncement(describe(latest.current));
    announce();
    if (phase !== "training") return undefined;
    const timer = setInterval(announce, INTERVAL);
    return () => clearInterval(timer);
  }, [phase, textEvaluation]);
  return (
    <p class="visually-hidden" role="status">
      {announcement}
    </p>
  );
}

function describe({ phase, progress, textEvaluation }: View): string {
  const at = progress
    ? `Epoch ${count(progress.epoch)} of ${count(progress.epochs)}, loss ${loss(progress.trainLoss)}.`
    : "";
  switch (phase) {
    case "empty":
      return "";
    case "preparing":
      return "Preparing.";
    case "training":
      return `Training. ${at}`;
    case "paused":
      return `Paused. ${at}`;
    case "model":
      return "The model is open: it can generate text.";
    case "diverged":
      return "Training diverged. The model keeps the best parameters it had.";
    case "done":
      return `Done. ${at} ${textEvaluation ? `Accuracy ${percent(textEvaluation.accuracy)}.` : ""}`;
  }
}
