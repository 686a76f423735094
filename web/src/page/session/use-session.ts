import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Command, Report, RunKind } from "../../common/protocol.js";
import { download } from "../elements/download.js";
import { INITIAL_VIEW, reduce, type View } from "./view.js";

/** The state of a worker's run, and the way to send it commands. */
export interface SessionHandle {
  readonly view: View;
  readonly send: (command: Command) => void;
}

/** Starts a worker for runs of one kind; it lives as long as the page. */
export function useSession(kind: RunKind): SessionHandle {
  const [view, setView] = useState(INITIAL_VIEW);
  const worker = useRef<Worker | undefined>(undefined);

  useEffect(() => {
    const started = new Worker(new URL("../../worker/main.ts", import.meta.url), { type: "module" });
    worker.current = started;
    started.onmessage = ({ data }: MessageEvent<Report>) => {
      if (data.type === "file") download(data.bytes, data.name);
      setView((before) => reduce(before, data));
    };
    started.onerror = (event) => {
      event.preventDefault();
      const message = `The training worker failed: ${event.message || "its script could not be loaded"}. Reload the page.`;
      setView((before) => ({ ...before, phase: "empty", failure: { where: "run", message } }));
    };
    const persist = () => started.postMessage({ type: "persist" } satisfies Command);
    const persistIfHidden = () => {
      if (document.visibilityState === "hidden") persist();
    };
    addEventListener("pagehide", persist);
    document.addEventListener("visibilitychange", persistIfHidden);
    started.postMessage({ type: "start", kind } satisfies Command);
    return () => {
      removeEventListener("pagehide", persist);
      document.removeEventListener("visibilitychange", persistIfHidden);
      started.terminate();
    };
  }, [kind]);

  const send = useCallback((command: Command) => {
    setView((before) => ({
      ...before,
      failure: undefined,
      ...(command.type === "generate" ? { generated: command.request.prompt, isGenerating: true } : {}),
      ...(command.type === "discard" ? { savedRun: undefined } : {}),
    }));
    worker.current?.postMessage(command);
  }, []);

  return { view, send };
}
