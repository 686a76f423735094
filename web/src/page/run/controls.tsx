import type { Command } from "../../common/protocol.js";
import { count } from "../elements/format.js";
import type { View } from "../session/view.js";
import { focusPrimary } from "./focus-primary.js";

export interface ControlsProps {
  readonly view: View;
  readonly send: (command: Command) => void;
  readonly onTrain: () => void;
  /** The number in the epochs field. */
  readonly epochs: number;
  /** Called with the run's new number of epochs. */
  readonly onEpochs: (epochs: number) => void;
}

/** The buttons that start, pause and resume a run. The primary one changes its action but stays put, and keeps the focus. */
export function Controls({ view, send, onTrain, epochs, onEpochs }: ControlsProps) {
  const { phase, run, progress } = view;
  const trained = progress?.epoch ?? 0;
  const more = run?.training.epochs ?? 0;
  const resume = () => send({ type: "resume", epochs });
  const trainMore = () => {
    onEpochs(trained + more);
    send({ type: "resume", epochs: trained + more });
  };
  const actions: Record<View["phase"], readonly [string, (() => void)?]> = {
    empty: ["Train", onTrain],
    preparing: ["Preparing…"],
    training: ["Pause", () => send({ type: "pause" })],
    paused: ["Resume", resume],
    done: epochs > trained ? ["Resume", resume] : [`Train ${count(more)} more`, trainMore],
    diverged: ["Start over", () => send({ type: "reset" })],
  };
  const [title, act] = actions[phase];
  return (
    <div class="controls">
      <button type="button" class="primary" aria-disabled={act === undefined} onClick={act}>
        {title}
      </button>
      {phase !== "empty" && (
        <button
          type="button"
          onClick={({ currentTarget }) => {
            focusPrimary(currentTarget);
            send({ type: "reset" });
          }}
        >
          Reset
        </button>
      )}
    </div>
  );
}
