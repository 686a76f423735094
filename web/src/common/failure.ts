import { CheckpointError, InputError, OptionError, UnknownTokenError } from "lstm-wasm";
import type { Command, Failure } from "./protocol.js";

/** An error as a sentence, and where to show it. */
export function toFailure(error: unknown, where: Failure["where"]): Failure {
  if (error instanceof OptionError)
    return { where, option: error.option, message: sentence(withoutPrefix(error.message, `${error.option}: `)) };
  if (error instanceof CheckpointError)
    return { where: "checkpoint", message: `Could not open this file. ${sentence(error.message)}` };
  if (error instanceof UnknownTokenError) return { where, message: sentence(error.message) };
  if (error instanceof InputError && where === "run") return { where: "data", message: sentence(error.message) };
  return { where, message: sentence(error instanceof Error ? error.message : String(error)) };
}

const withoutPrefix = (text: string, prefix: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text;

const sentence = (message: string): string =>
  message.charAt(0).toUpperCase() + message.slice(1) + (/[.!?]$/.test(message) ? "" : ".");

/** Where to show a command's failure. */
export function locationOf({ type }: Command): Failure["where"] {
  if (type === "generate" || type === "predict" || type === "forecast") return type;
  return type === "open" || type === "save" || type === "continue" ? "checkpoint" : "run";
}
