import { availableBackends } from "lstm-wasm";
import { buffersOf } from "../common/insight.js";
import type { Command, Report, RunKind } from "../common/protocol.js";
import { RunStore } from "./run/run-store.js";
import { Session } from "./session.js";

// The worker's entry: models live and train here. The page's first message says which kind of run this worker is for.

function post(report: Report): void {
  postMessage(report, { transfer: handedOver(report) });
}

/** Buffers that the page gets, instead of copies that would pile up in memory. */
function handedOver(report: Report): ArrayBuffer[] {
  switch (report.type) {
    case "curve":
      return Object.values(report.curve).map(({ buffer }) => buffer);
    case "series":
      return report.shown ? Object.values(report.shown.lines).map(({ buffer }) => buffer) : [];
    case "prediction":
      return [report.prediction.values.buffer];
    case "seriesInsight":
      return report.seriesInsight ? buffersOf(report.seriesInsight.insight) : [];
    case "seriesMoment": {
      const { shown, seriesInsight } = report.moment;
      const lines = Object.values(shown.lines).map(({ buffer }) => buffer);
      return seriesInsight ? [...lines, ...buffersOf(seriesInsight.insight)] : lines;
    }
    case "insight":
      return buffersOf(report.insight);
    case "moment":
      return report.moment.insight ? buffersOf(report.moment.insight) : [];
    default:
      return [];
  }
}

/** Opens the store and reports the saved runs, or why runs cannot be saved. */
async function openStore(kind: RunKind): Promise<RunStore | undefined> {
  try {
    const onProblem = (problem: string | undefined) => post({ type: "storage", ...(problem && { problem }) });
    const store = await RunStore.open(kind, onProblem);
    post({ type: "storage", savedRuns: store.list });
    return store;
  } catch (error) {
    post({ type: "storage", problem: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

let session: Session | undefined;

addEventListener("message", ({ data }: MessageEvent<Command>) => {
  if (data.type === "start") {
    session = new Session(data.kind, post, openStore(data.kind));
    post({
      type: "host",
      backends: availableBackends(),
      isolated: globalThis.crossOriginIsolated && typeof SharedArrayBuffer === "function",
    });
  } else session?.handle(data);
});
