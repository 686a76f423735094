import { CheckpointError, InputError, OptionError, UnknownTokenError } from "lstm-wasm";
import type { Command, Failure } from "../protocol.js";

/** An error in words, near what it is about. */
export function failureOf(error: unknown, where: Failure["where"]): Failure {
  if (error instanceof OptionError)
    return { where, option: error.option, message: sentence(error.message.slice(error.option.length + 2)) };
  if (error instanceof CheckpointError)
    return { where: "checkpoint", message: `This file cannot be opened. ${sentence(error.message)}` };
  if (error instanceof UnknownTokenError) return { where, message: sentence(error.message) };
  if (error instanceof InputError && where === "run") return { where: "data", message: sentence(error.message) };
  return { where, message: sentence(error instanceof Error ? error.message : String(error)) };
}

const sentence = (message: string): string =>
  message.charAt(0).toUpperCase() + message.slice(1) + (/[.!?]$/.test(message) ? "" : ".");

/** Near what it is to be told that something which was asked for went wrong. */
export function whereOf({ type }: Command): Failure["where"] {
  if (type === "generate" || type === "forecast") return type;
  return type === "open" || type === "save" || type === "continue" ? "checkpoint" : "run";
}
