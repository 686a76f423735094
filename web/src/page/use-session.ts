import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Command, Plan, Report } from "../protocol.js";
import { download } from "./download.js";
import { NOTHING, reduce, type View } from "./view.js";

/** What is known of a run, and how something is asked of it. */
export interface SessionHandle {
  readonly view: View;
  readonly send: (command: Command) => void;
}

/** A worker of its own for runs of a kind, as long as the page is open. */
export function useSession(kind: Plan["kind"]): SessionHandle {
  const [view, setView] = useState(NOTHING);
  const worker = useRef<Worker | undefined>(undefined);

  useEffect(() => {
    const started = new Worker(new URL("../worker/main.ts", import.meta.url), { type: "module" });
    worker.current = started;
    started.onmessage = ({ data }: MessageEvent<Report>) => {
      if (data.type === "file") download(data.bytes, data.name);
      setView((before) => reduce(before, data));
    };
    started.onerror = (event) => {
      event.preventDefault();
      const message = `The worker that trains has failed: ${event.message || "its script cannot be loaded"}. Load the page again.`;
      setView((before) => ({ ...before, phase: "empty", failure: { where: "run", message } }));
    };
    const keep = () => started.postMessage({ type: "keep" } satisfies Command);
    const keepIfHidden = () => {
      if (document.visibilityState === "hidden") keep();
    };
    addEventListener("pagehide", keep);
    document.addEventListener("visibilitychange", keepIfHidden);
    started.postMessage({ type: "start", kind } satisfies Command);
    return () => {
      removeEventListener("pagehide", keep);
      document.removeEventListener("visibilitychange", keepIfHidden);
      started.terminate();
    };
  }, [kind]);

  const send = useCallback((command: Command) => {
    setView((before) => ({
      ...before,
      failure: undefined,
      ...(command.type === "generate" ? { written: command.request.prompt, isWriting: true } : {}),
      ...(command.type === "discard" ? { kept: undefined } : {}),
    }));
    worker.current?.postMessage(command);
  }, []);

  return { view, send };
}
