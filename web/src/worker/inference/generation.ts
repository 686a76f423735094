import { generate, type Model } from "lstm-wasm";
import type { GenerateRequest } from "../../common/protocol.js";
import type { Mutex } from "../scheduling/mutex.js";

/** Milliseconds of generation at a time. */
const SLICE = 8;
/** Training gets this many times as long as generation. */
const TRAINING_SHARE = 4;

export interface GenerationHooks {
  readonly isTraining: () => boolean;
  readonly onText: (text: string, isDone: boolean) => void;
}

/**
 * Generates text a slice at a time, between the steps of a training run.
 *
 * @throws what generate throws
 */
export async function generateInSlices(
  model: Model,
  request: GenerateRequest,
  mutex: Mutex,
  signal: AbortSignal,
  { isTraining, onText }: GenerationHooks,
): Promise<void> {
  const tokens = generate(model, { ...request, skipUnknown: true });
  let isDone = false;
  while (!isDone && !signal.aborted) {
    let text = "";
    await mutex.runExclusive(async () => {
      // The slice begins when its turn has come, however long that took.
      const start = performance.now();
      while (!isDone && !signal.aborted && performance.now() - start < SLICE) {
        const next = await tokens.next();
        if (next.done) isDone = true;
        else text += next.value;
      }
    });
    if (signal.aborted) break;
    if (text) onText(text, false);
    const rest = isTraining() ? SLICE * TRAINING_SHARE : SLICE;
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
  onText("", true);
}
