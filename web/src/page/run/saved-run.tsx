import { useState } from "preact/hooks";
import type { Command } from "../../common/protocol.js";
import { ago, count } from "../elements/format.js";
import type { View } from "../session/view.js";
import { focusPrimary } from "./focus-primary.js";

/** Offers the run of an earlier visit, or says why this one will not be saved. */
export function SavedRunOffer({ view, send }: { readonly view: View; readonly send: (command: Command) => void }) {
  const { savedRun, storageProblem, phase } = view;
  const [isDiscarded, setIsDiscarded] = useState(false);
  if (storageProblem) return <p class="notice quiet">{storageProblem}</p>;
  if (phase !== "empty") return null;
  if (!savedRun)
    return isDiscarded ? (
      <p class="notice quiet">
        The saved run is deleted.
        <button
          type="button"
          class="link"
          onClick={({ currentTarget }) => {
            focusPrimary(currentTarget);
            setIsDiscarded(false);
            send({ type: "restore" });
          }}
        >
          Undo
        </button>
      </p>
    ) : null;
  const answer = (type: "continue" | "discard", button: HTMLElement) => {
    focusPrimary(button);
    setIsDiscarded(type === "discard");
    send({ type });
  };
  return (
    <section class="notice offer" aria-label="Saved run">
      <p>
        Your run from {ago(Date.now() - savedRun.savedAt)} is saved at epoch {count(savedRun.epoch)} of{" "}
        {count(savedRun.epochs)}. Training a new one replaces it.
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
