import type { Backend } from "lstm-wasm";
import { useRef, useState } from "preact/hooks";
import type { Content, Failure } from "../../common/protocol.js";
import type { SessionHandle } from "../session/use-session.js";
import { FailureMessage } from "./failure-message.js";

interface CheckpointPanelProps extends SessionHandle {
  /** The data in the page, which may be what a checkpoint was trained on. */
  readonly current: Content;
  readonly backend: Backend | "auto";
  /** What to do with the file on the command line. */
  readonly command: string;
}

/** Downloads the run as a checkpoint file, and opens one. */
export function CheckpointPanel({ view, send, current, backend, command }: CheckpointPanelProps) {
  const file = useRef<HTMLInputElement>(null);
  const [readFailure, setReadFailure] = useState<Failure>();
  const open = async (chosen: File) => {
    try {
      const bytes = new Uint8Array(await chosen.arrayBuffer());
      setReadFailure(undefined);
      send({ type: "open", bytes, current, backend });
    } catch (error) {
      setReadFailure({ where: "checkpoint", message: `Could not read ${chosen.name}: ${(error as Error).message}` });
    }
  };
  const isBusy = view.phase === "training" || view.phase === "preparing";
  return (
    <section class="panel" aria-label="Checkpoint">
      <h2>Save and reopen</h2>
      <p>
        A checkpoint is a safetensors file with everything the run needs to continue exactly where it stopped. Open it
        here another day, or use it on the command line:
      </p>
      <pre>
        <code>{command}</code>
      </pre>
      <div class="controls">
        <button
          type="button"
          disabled={view.phase === "empty" || view.phase === "preparing"}
          onClick={() => send({ type: "save" })}
        >
          Download checkpoint
        </button>
        <button type="button" disabled={isBusy} onClick={() => file.current?.click()}>
          Open checkpoint
        </button>
        <input
          ref={file}
          type="file"
          class="visually-hidden"
          tabIndex={-1}
          aria-label="Checkpoint file"
          accept=".safetensors,.pt,.pth,.keras,.h5,.onnx,.json"
          onChange={({ currentTarget }) => {
            const chosen = currentTarget.files?.[0];
            currentTarget.value = "";
            if (chosen) open(chosen);
          }}
        />
      </div>
      <FailureMessage failure={readFailure ?? view.failure} where="checkpoint" />
    </section>
  );
}
