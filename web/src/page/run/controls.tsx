import type { Command } from "../../common/protocol.js";
import { count } from "../elements/format.js";
import type { View } from "../session/view.js";
import { focusPrimary } from "./focus-primary.js";

export interface ControlsProps {
  readonly view: View;
  readonly send: (command: Command) => void;
  /** Whether what a new run is to learn from is still being read. */
  readonly isReading: boolean;
  readonly onTrain: () => void;
  /** Makes one update, of a new run or of the one that is paused. */
  readonly onStep: () => void;
  /** Trains the model that is here by a new run. */
  readonly onTrainOn: () => void;
  /** Resumes the run up to the number of epochs in its field, or to another one. */
  readonly onResume: (epochs?: number) => void;
  /** The number in the field for epochs, if it is one. */
  readonly epochs: number | undefined;
}

/** The buttons that start, pause and resume a run. The primary one changes its action but stays put, and keeps the focus. */
export function Controls({ view, send, isReading, onTrain, onStep, onTrainOn, onResume, epochs = 0 }: ControlsProps) {
  const { phase, run, progress } = view;
  const trained = progress?.epoch ?? 0;
  const more = run?.round ?? 0;
  type Action = readonly [string, (() => void)?];
  const begin = (title: string): Action => (isReading ? ["Reading…"] : [title, onTrain]);
  const whenRead = (act: () => void) => (isReading ? undefined : act);
  const actions: Record<View["phase"], Action> = {
    empty: begin("Train"),
    preparing: ["Preparing…"],
    training: ["Pause", () => send({ type: "pause" })],
    paused: ["Resume", () => onResume()],
    done:
      epochs > trained ? ["Resume", () => onResume()] : [`Train ${count(more)} more`, () => onResume(trained + more)],
    diverged: begin("Train again"),
    model: begin("Train a new one"),
  };
  const [title, act] = actions[phase];
  return (
    <div class="controls">
      <button type="button" class="primary" aria-disabled={act === undefined} onClick={act}>
        {title}
      </button>
      {phase === "model" && run?.isTrainable && (
        <button
          type="button"
          title="With the settings under Training, on the text above"
          aria-disabled={isReading}
          onClick={whenRead(onTrainOn)}
        >
          Train this one
        </button>
      )}
      {hasBest(view) && (
        <button
          type="button"
          title="A new run from the best epoch’s parameters, with these settings"
          aria-disabled={isReading}
          onClick={whenRead(onTrainOn)}
        >
          Go on from the best
        </button>
      )}
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
      {(phase === "empty" || phase === "paused") && (
        <button
          type="button"
          title="One update of the network’s weights"
          aria-disabled={isReading}
          onClick={whenRead(onStep)}
        >
          Step
        </button>
      )}
    </div>
  );
}

/** Whether a run went wrong, and the model has the parameters of its best epoch. */
const hasBest = ({ phase, progress }: View): boolean =>
  (phase === "diverged" && (progress?.epoch ?? 0) > 0) || (phase === "done" && progress?.keptLoss !== undefined);
