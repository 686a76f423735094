import { availableBackends } from "lstm-wasm";
import type { Command, Plan, Report } from "../protocol.js";
import { RunStore } from "./keeper.js";
import { Session } from "./session.js";

// The worker in which models live and learn. The page's first message says of which kind.

function tell(report: Report): void {
  postMessage(report, report.type === "file" ? { transfer: [report.bytes.buffer] } : {});
}

/** The keeper, once it is there; what it keeps is told, or why it keeps nothing. */
async function openKeeper(kind: Plan["kind"]): Promise<RunStore | undefined> {
  try {
    const keeper = await RunStore.open(kind, (problem) => tell({ type: "keeping", problem }));
    const kept = await keeper.read();
    const summary = kept && { epoch: kept.epoch, epochs: kept.epochs, savedAt: kept.savedAt };
    tell({ type: "keeping", ...(summary ? { kept: summary } : {}) });
    return keeper;
  } catch (error) {
    tell({ type: "keeping", problem: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

let session: Session | undefined;

addEventListener("message", ({ data }: MessageEvent<Command>) => {
  if (data.type === "start") {
    session = new Session(data.kind, tell, openKeeper(data.kind));
    tell({ type: "host", backends: availableBackends(), isolated: globalThis.crossOriginIsolated });
  } else session?.obey(data);
});
