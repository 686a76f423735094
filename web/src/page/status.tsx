import { useEffect, useRef, useState } from "preact/hooks";
import type { View } from "./view.js";
import { count, loss, percent } from "./words.js";

/** Milliseconds between two announcements while a run goes on. */
const INTERVAL = 10_000;

/** Tells those who do not see the page how the run stands: when that changes, and every ten seconds. */
export function Status({ view }: { readonly view: View }) {
  const latest = useRef(view);
  latest.current = view;
  const [said, setSaid] = useState("");
  const { phase, learned } = view;
  useEffect(() => {
    const say = () => setSaid(sentenceOf(latest.current));
    say();
    if (phase !== "training") return undefined;
    const timer = setInterval(say, INTERVAL);
    return () => clearInterval(timer);
  }, [phase, learned]);
  return (
    <p class="visually-hidden" role="status">
      {said}
    </p>
  );
}

function sentenceOf({ phase, progress, learned }: View): string {
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
    case "diverged":
      return "Training has diverged and cannot go on.";
    case "done":
      return `Done. ${at} ${learned ? `${percent(learned.accuracy)} of its guesses are right.` : ""}`;
  }
}
