import { useId, useState } from "preact/hooks";
import type { Command, SavedRun } from "../../common/protocol.js";
import { ago, bytes, count } from "../elements/format.js";
import type { View } from "../session/view.js";
import { focusPrimary } from "./focus-primary.js";

/** Runs that are listed without being asked for. */
const SHOWN = 2;

/** Offers the runs of earlier visits, or says why this one will not be saved. */
export function SavedRunOffer({ view, send }: { readonly view: View; readonly send: (command: Command) => void }) {
  const { savedRuns, storageProblem, phase } = view;
  const [isDiscarded, setIsDiscarded] = useState(false);
  if (storageProblem) return <p class="notice quiet">{storageProblem}</p>;
  if (phase !== "empty") return null;
  const answer = (type: "continue" | "discard", id: string, button: HTMLElement) => {
    focusPrimary(button);
    setIsDiscarded(type === "discard");
    send({ type, id });
  };
  const show = (run: SavedRun) => <SavedRunEntry key={run.id} run={run} onAnswer={answer} />;
  const hidden = savedRuns.slice(SHOWN);
  return (
    <>
      {isDiscarded && (
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
      )}
      {savedRuns.length > 0 && (
        <section class="offer" aria-label="Saved runs">
          <ul>{savedRuns.slice(0, SHOWN).map(show)}</ul>
          {hidden.length > 0 && (
            <details>
              <summary>{count(hidden.length)} more saved</summary>
              <ul>{hidden.map(show)}</ul>
            </details>
          )}
        </section>
      )}
    </>
  );
}

interface EntryProps {
  readonly run: SavedRun;
  readonly onAnswer: (type: "continue" | "discard", id: string, button: HTMLElement) => void;
}

function SavedRunEntry({ run, onAnswer }: EntryProps) {
  const about = useId();
  const { id, name, epoch, epochs, size, savedAt } = run;
  return (
    <li class="notice">
      <span id={about}>
        <strong>{name}</strong>, saved {ago(Date.now() - savedAt)} at epoch {count(epoch)} of {count(epochs)},{" "}
        {bytes(size)}
      </span>
      <button
        type="button"
        aria-describedby={about}
        onClick={({ currentTarget }) => onAnswer("continue", id, currentTarget)}
      >
        Continue
      </button>
      <button
        type="button"
        aria-describedby={about}
        onClick={({ currentTarget }) => onAnswer("discard", id, currentTarget)}
      >
        Discard
      </button>
    </li>
  );
}
