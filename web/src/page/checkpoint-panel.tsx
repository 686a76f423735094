import type { Backend } from "lstm-wasm";
import { useRef, useState } from "preact/hooks";
import type { Content, Failure } from "../protocol.js";
import { ToldFailure } from "./told-failure.js";
import type { SessionHandle } from "./use-session.js";

interface CheckpointPanelProps extends SessionHandle {
  /** What the page shows, which may be what a checkpoint was trained on. */
  readonly current: Content;
  readonly backend: Backend | "auto";
  /** How the command line goes on with the file. */
  readonly command: string;
}

/** Takes a run out of the page as a file, and brings one in. */
export function CheckpointPanel({ view, send, current, backend, command }: CheckpointPanelProps) {
  const file = useRef<HTMLInputElement>(null);
  const [unread, setUnread] = useState<Failure>();
  const open = async (chosen: File) => {
    try {
      const bytes = new Uint8Array(await chosen.arrayBuffer());
      setUnread(undefined);
      send({ type: "open", bytes, current, backend });
    } catch (error) {
      setUnread({ where: "checkpoint", message: `${chosen.name} cannot be read: ${(error as Error).message}` });
    }
  };
  const isBusy = view.phase === "training" || view.phase === "preparing";
  return (
    <section class="panel" aria-label="Checkpoint">
      <h2>Take it along</h2>
      <p>
        A checkpoint is a safetensors file with all that the run needs to go on to the same bytes: here, on another day,
        or on the command line.
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
          accept=".safetensors"
          onChange={({ currentTarget }) => {
            const chosen = currentTarget.files?.[0];
            currentTarget.value = "";
            if (chosen) open(chosen);
          }}
        />
      </div>
      <ToldFailure failure={unread ?? view.failure} where="checkpoint" />
    </section>
  );
}
