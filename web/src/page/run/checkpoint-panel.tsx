import type { Backend } from "lstm-wasm";
import { useRef } from "preact/hooks";
import type { GivenContent } from "../../common/protocol.js";
import type { SessionHandle } from "../session/use-session.js";
import { FailureMessage } from "./failure-message.js";
import { useDrop } from "./use-drop.js";

interface CheckpointPanelProps extends SessionHandle {
  /** The data in the page, which may be what a checkpoint was trained on. */
  readonly current: GivenContent;
  readonly backend: Backend | "auto";
  /** What to do with the file on the command line. */
  readonly command: string;
}

/** Downloads the run as a checkpoint file, and opens one, or another program's model. */
export function CheckpointPanel({ view, send, fail, current, backend, command }: CheckpointPanelProps) {
  const input = useRef<HTMLInputElement>(null);
  const isBusy = view.phase === "training" || view.phase === "preparing";
  const report = (message: string) => fail("checkpoint", message);
  const open = (files: readonly File[]) => {
    if (isBusy) report("A run is under way: pause it, then open the file.");
    else send({ type: "open", files, current, backend });
  };
  const { box, isOver } = useDrop<HTMLElement>(open, report);
  return (
    <section class={`panel${isOver ? " dropping" : ""}`} aria-label="Checkpoint" ref={box}>
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
        <button type="button" disabled={isBusy} onClick={() => input.current?.click()}>
          Open checkpoint
        </button>
        <input
          ref={input}
          type="file"
          multiple
          class="visually-hidden"
          tabIndex={-1}
          aria-label="Checkpoint file"
          onChange={({ currentTarget }) => {
            const chosen = [...(currentTarget.files ?? [])];
            currentTarget.value = "";
            if (chosen.length > 0) open(chosen);
          }}
        />
      </div>
      <p class="hint">
        Or drop a file or a folder anywhere on the page. Models of PyTorch (.pt), Keras (.keras, .h5), TensorFlow.js,
        ONNX and ml5 open as well; files that belong together are chosen together.
      </p>
      <FailureMessage failure={view.failure} where="checkpoint" />
    </section>
  );
}
