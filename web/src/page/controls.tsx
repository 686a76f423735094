import type { Command } from "../protocol.js";
import { focusOnPrimary } from "./focus.js";
import type { View } from "./view.js";
import { count } from "./words.js";

export interface ControlsProps {
  readonly view: View;
  readonly send: (command: Command) => void;
  readonly onTrain: () => void;
  /** The number of epochs in its field. */
  readonly epochs: number;
  /** Is told the number of epochs that the run now has. */
  readonly onEpochs: (epochs: number) => void;
}

/** The buttons that move a run: what can be done with it now. One stays where it is, so that the focus stays on it. */
export function Controls({ view, send, onTrain, epochs, onEpochs }: ControlsProps) {
  const { phase, run, progress } = view;
  const trained = progress?.epoch ?? 0;
  const more = run?.training.epochs ?? 0;
  const resume = () => send({ type: "resume", epochs });
  const trainMore = () => {
    onEpochs(trained + more);
    send({ type: "resume", epochs: trained + more });
  };
  const next: Record<View["phase"], readonly [string, (() => void)?]> = {
    empty: ["Train", onTrain],
    preparing: ["Preparing"],
    training: ["Pause", () => send({ type: "pause" })],
    paused: ["Resume", resume],
    done: epochs > trained ? ["Resume", resume] : [`Train ${count(more)} more`, trainMore],
    diverged: ["Begin anew", () => send({ type: "reset" })],
  };
  const [title, act] = next[phase];
  return (
    <div class="controls">
      <button type="button" class="primary" aria-disabled={act === undefined} onClick={act}>
        {title}
      </button>
      {phase !== "empty" && (
        <button
          type="button"
          onClick={({ currentTarget }) => {
            focusOnPrimary(currentTarget);
            send({ type: "reset" });
          }}
        >
          Reset
        </button>
      )}
    </div>
  );
}
