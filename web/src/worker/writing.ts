import { generate, type Model } from "lstm-wasm";
import type { GenerateRequest } from "../protocol.js";
import type { Mutex } from "./turns.js";

/** Milliseconds of writing in one go. */
const SLICE = 8;
/** While a run is under way, it gets so many times what writing gets. */
const TRAINING_SHARE = 4;

export interface WritingHooks {
  readonly isTraining: () => boolean;
  readonly tell: (piece: string, isOver: boolean) => void;
}

/**
 * Lets a model write, some pieces at a time, between the steps of a training run.
 *
 * @throws as generate does
 */
export async function write(
  model: Model,
  request: GenerateRequest,
  turns: Mutex,
  signal: AbortSignal,
  { isTraining, tell }: WritingHooks,
): Promise<void> {
  const pieces = generate(model, { ...request, skipUnknown: true });
  let isOver = false;
  while (!isOver && !signal.aborted) {
    const start = performance.now();
    let written = "";
    await turns.take(async () => {
      while (!isOver && !signal.aborted && performance.now() - start < SLICE) {
        const next = await pieces.next();
        if (next.done) isOver = true;
        else written += next.value;
      }
    });
    if (signal.aborted) break;
    if (written) tell(written, false);
    const rest = isTraining() ? SLICE * TRAINING_SHARE : SLICE;
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
  tell("", true);
}
