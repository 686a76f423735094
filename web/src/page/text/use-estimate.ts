import { OptionError } from "lstm-wasm";
import { useEffect } from "preact/hooks";
import { lengthOf } from "../../common/content.js";
import type { Command } from "../../common/protocol.js";
import { configOf, type TextForm } from "./text-form.js";

/** Milliseconds after the last change before some steps are tried. */
const PAUSE = 400;

/** Lets the worker find out how long the run of a form would take, where the text is the user's: others are known. */
export function useEstimate(form: TextForm, isIdle: boolean, send: (command: Command) => void): void {
  const { text, own, values } = form;
  const isWanted = isIdle && text === "own" && lengthOf(own) > 0;
  useEffect(() => {
    if (!isWanted) return undefined;
    const timer = setTimeout(() => {
      try {
        send({ type: "estimate", config: configOf(form) });
      } catch (error) {
        // Training says which field it cannot be.
        if (!(error instanceof OptionError)) throw error;
      }
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [isWanted, own, values]);
}
