import type { Command } from "../protocol.js";
import type { View } from "./view.js";
import { count } from "./words.js";

interface ControlsProps {
  readonly view: View;
  readonly send: (command: Command) => void;
  readonly onTrain: () => void;
  /** The number of epochs in its field. */
  readonly epochs: number;
  /** Is told the number of epochs that the run now has. */
  readonly onEpochs: (epochs: number) => void;
}

/** The buttons that move a run: what can be done with it now. */
export function Controls({ view, send, onTrain, epochs, onEpochs }: ControlsProps) {
  const { phase, run, progress } = view;
  const total = run?.training.epochs ?? 0;
  const resume = () => send({ type: "resume", epochs });
  const more = () => {
    onEpochs((progress?.epochs ?? 0) + total);
    send({ type: "resume", epochs: (progress?.epochs ?? 0) + total });
  };
  return (
    <div class="controls">
      {phase === "empty" && (
        <button type="button" class="primary" onClick={onTrain}>
          Train
        </button>
      )}
      {phase === "preparing" && (
        <button type="button" class="primary" disabled>
          Preparing
        </button>
      )}
      {phase === "training" && (
        <button type="button" class="primary" onClick={() => send({ type: "pause" })}>
          Pause
        </button>
      )}
      {phase === "paused" && (
        <button type="button" class="primary" onClick={resume}>
          Resume
        </button>
      )}
      {phase === "done" && (
        <button type="button" class="primary" onClick={epochs > (progress?.epochs ?? 0) ? resume : more}>
          {epochs > (progress?.epochs ?? 0) ? "Resume" : `Train ${count(total)} more`}
        </button>
      )}
      {phase !== "empty" && (
        <button type="button" onClick={() => send({ type: "reset" })}>
          Reset
        </button>
      )}
    </div>
  );
}
