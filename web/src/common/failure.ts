import { BackendError, CheckpointError, InputError, OptionError, UnknownTokenError } from "lstm-wasm";
import type { Command, Failure } from "./protocol.js";

/** Where the server cannot be reached, in the worker or in the page. */
export const NOT_FETCHED = "A part of the page could not be fetched. Check the connection, and reload the page.";

/** An error as a sentence, and where to show it. */
export function toFailure(error: unknown, where: Failure["where"]): Failure {
  if (error instanceof OptionError)
    return { where, option: error.option, message: sentence(withoutPrefix(error.message, `${error.option}: `)) };
  if (error instanceof CheckpointError)
    return { where: "checkpoint", message: `Could not open this file. ${sentence(error.message)}` };
  // The library tells a program's author how to serve its files; a visitor can only try again.
  if (error instanceof BackendError && /cannot be loaded/.test(error.message)) return { where, message: NOT_FETCHED };
  if (error instanceof TypeError && /import|module script/i.test(error.message)) return { where, message: NOT_FETCHED };
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
  if (type === "forecastFile") return "forecast";
  if (type === "detect") return "anomalies";
  if (type === "table" || type === "show" || type === "inspect") return "data";
  return type === "open" || type === "save" || type === "continue" ? "checkpoint" : "run";
}
