import type { Command } from "../protocol.js";
import { focusOnPrimary } from "./focus.js";
import type { View } from "./view.js";
import { ago, count } from "./words.js";

/** Offers the run of an earlier visit, or says that this one is not kept. */
export function KeptRun({ view, send }: { readonly view: View; readonly send: (command: Command) => void }) {
  const { kept, keepingProblem, phase } = view;
  if (keepingProblem) return <p class="notice quiet">{keepingProblem}</p>;
  if (!kept || phase !== "empty") return null;
  const answer = (type: "continue" | "discard", button: HTMLElement) => {
    focusOnPrimary(button);
    send({ type });
  };
  return (
    <section class="notice offer" aria-label="A run from an earlier visit">
      <p>
        A run from {ago(Date.now() - kept.savedAt)}, epoch {count(kept.epoch)} of {count(kept.epochs)}. To train another
        takes its place.
      </p>
      <button type="button" onClick={({ currentTarget }) => answer("continue", currentTarget)}>
        Continue
      </button>
      <button type="button" onClick={({ currentTarget }) => answer("discard", currentTarget)}>
        Discard
      </button>
    </section>
  );
}
