import { spawn } from "node:child_process";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { FOLLOWS_PARENT } from "../cli/parent.js";
import { reason } from "../cli/paths.js";
import { display } from "../common/show.js";
import { SweepError } from "./errors.js";
import type { TrainEnd } from "./metric.js";

/** The command line: this path is valid from dist/sweep/ and from dist/bundle/. */
const COMMAND_LINE = fileURLToPath(new URL("../bundle/cli.js", import.meta.url));

/** Most characters of an error that are kept. */
const LONGEST_ERROR = 500;

/** An epoch of `train --json`. */
export interface TrainEpoch {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validationLoss?: number;
}

/** How a process of a trial ended. */
export interface Ended {
  /** Undefined if a signal ended it. */
  readonly code: number | undefined;
  /** Its last event, if it got there. */
  readonly end: TrainEnd | undefined;
  readonly parameters: number | undefined;
  /** The last line on stderr, without the program's name. */
  readonly error: string;
}

/**
 * Runs `lstm-wasm train` in a process of its own, which ends, with its checkpoint, when this one does.
 *
 * @param signal ends it early, after its next update
 * @param onEpoch is told of each epoch
 */
export function runTrial(
  args: readonly string[],
  signal: AbortSignal,
  onEpoch: (epoch: TrainEpoch) => void,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND_LINE, ...args], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, [FOLLOWS_PARENT]: "1" },
      // Ctrl-C is for the sweep, which passes it on; Windows would open a console for a detached process.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    const stop = () => {
      if (child.connected) child.disconnect();
    };
    signal.addEventListener("abort", stop);
    let end: TrainEnd | undefined;
    let parameters: number | undefined;
    let error = "";
    eachLine(child.stdout!, (line) => {
      const event = parse(line);
      if (event?.["event"] === "start") parameters = event["parameters"] as number;
      if (event?.["event"] === "epoch") onEpoch(event as unknown as TrainEpoch);
      if (event?.["event"] === "end") end = event as unknown as TrainEnd;
    });
    eachLine(child.stderr!, (line) => {
      // Advice about the trial's own command line follows.
      if (line !== "" && !line.startsWith("Try: ")) error = display(line.replace(/^lstm-wasm: /, ""), LONGEST_ERROR);
    });
    child.on("error", (cause) => {
      signal.removeEventListener("abort", stop);
      reject(new SweepError(`the process of a trial cannot be started: ${reason(cause)}`, { cause }));
    });
    // Not "close", which Node does not emit after a disconnect.
    const exit = new Promise<number | undefined>((done) => child.on("exit", (code) => done(code ?? undefined)));
    Promise.all([exit, finished(child.stdout!), finished(child.stderr!)]).then(([code]) => {
      signal.removeEventListener("abort", stop);
      resolve({ code, end, parameters, error });
    }, reject);
  });
}

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    for (const line of lines) take(line);
  });
}

/** The object in a line; a process that is killed may leave a part of one. */
function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
