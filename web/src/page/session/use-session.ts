import { OptionError } from "lstm-wasm";
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import { toFailure } from "../../common/failure.js";
import type { Command, Failure, FileRead, Report, RunKind } from "../../common/protocol.js";
import { download } from "../elements/download.js";
import { INITIAL_VIEW, reduce, type View } from "./view.js";

/** Milliseconds for a worker to let go of its run before it is ended. */
const PATIENCE = 4000;

const LOOKING: readonly Command["type"][] = ["estimate", "table", "show", "inspect", "watch"];

/** The state of a worker's run, and the ways to act on it. */
export interface SessionHandle {
  readonly view: View;
  readonly send: (command: Command) => void;
  /** Does what reads the page's fields, and reports the option that they cannot have. */
  readonly attempt: (where: Failure["where"], act: () => void) => void;
  /** Reports what went wrong in the page itself. */
  readonly fail: (where: Failure["where"], message: string) => void;
  /** Reads a file as text, in the worker. Never resolves if that one is replaced. */
  readonly readFile: (file: File, encoding?: string) => Promise<FileRead>;
}

/** Starts a worker for runs of one kind; it lives as long as the page. */
export function useSession(kind: RunKind): SessionHandle {
  const [view, setView] = useState(INITIAL_VIEW);
  const worker = useRef<Worker | undefined>(undefined);
  /** Changes when the worker is to be replaced by a new one. */
  const [generation, setGeneration] = useState(0);
  const restarting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** Files to be read so far, and what awaits them. */
  const requests = useRef(0);
  const readers = useRef(new Map<number, (read: FileRead) => void>());

  // Before anything can be pressed: an effect waits for a frame, which may be long in coming, and what is sent until then is lost.
  useLayoutEffect(() => {
    const started = new Worker(new URL("../../worker/main.ts", import.meta.url), { type: "module" });
    worker.current = started;
    started.onmessage = ({ data }: MessageEvent<Report>) => {
      // It answers, so it need not be replaced.
      if (data.type === "phase" && data.phase === "empty") clearTimeout(restarting.current);
      if (data.type === "file") download(data.blob, data.name);
      if (data.type === "read") readers.current.get(data.request)?.(data);
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
  }, [kind, generation]);

  const send = useCallback((command: Command) => {
    setView((before) => ({
      ...before,
      // What only looks at something leaves the last failure to be read.
      ...(LOOKING.includes(command.type) ? {} : { failure: undefined }),
      ...(command.type === "generate"
        ? { prompt: command.request.prompt, generated: "", leftOut: 0, isGenerating: true }
        : {}),
      ...(command.type === "discard" ? { savedRuns: before.savedRuns.filter(({ id }) => id !== command.id) } : {}),
    }));
    worker.current?.postMessage(command);
    if (command.type !== "reset") return;
    // A first step of a large network may take minutes, in which the worker hears nothing.
    restarting.current = setTimeout(() => {
      setView(INITIAL_VIEW);
      setGeneration((before) => before + 1);
    }, PATIENCE);
  }, []);

  const attempt = useCallback((where: Failure["where"], act: () => void) => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      setView((before) => reduce(before, { type: "failure", failure: toFailure(error, where) }));
    }
  }, []);

  const fail = useCallback((where: Failure["where"], message: string) => {
    setView((before) => ({ ...before, failure: { where, message } }));
  }, []);

  const readFile = useCallback((file: File, encoding?: string) => {
    const request = ++requests.current;
    setView((before) => ({ ...before, filesBeingRead: before.filesBeingRead + 1 }));
    return new Promise<FileRead>((resolve) => {
      readers.current.set(request, (read) => {
        readers.current.delete(request);
        resolve(read);
      });
      const chosen = encoding === undefined ? {} : { encoding };
      worker.current?.postMessage({ type: "read", request, file, ...chosen } satisfies Command);
    });
  }, []);

  return { view, send, attempt, fail, readFile };
}
