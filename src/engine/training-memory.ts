import { InputError, LstmError } from "../common/errors.js";
import { Addresses } from "../network/memory.js";
import type { Engine } from "./engine.js";

/** Memory from {@link allocate}: byte addresses. */
export interface Allocation {
  /** Flat buffers in the layout of the parameters, all zero. */
  readonly buffers: readonly number[];
  /** Memory for passes besides the common one. */
  readonly passes: number;
}

/**
 * Reserves memory of an engine until {@link release}.
 *
 * @param buffers the number of flat buffers, each as long as the parameters
 * @param bytes additional bytes, for passes
 * @throws LstmError if it is already reserved
 * @throws InputError if the parameters cannot be trained
 */
export function allocate(engine: Engine, buffers: number, bytes = 0): Allocation {
  if (engine.fixed)
    throw new InputError("int8 weights are too coarse to train: train the float32 model, then convert it again");
  if (engine.training) throw new LstmError("this model is already being trained: end that run before starting another");
  // Updates change the weights all the time.
  const { packed } = engine;
  engine.packed = undefined;
  if (packed?.readers === 0) engine.releaseRegion(packed.region);
  const layOut = (start: number) => {
    const memory = new Addresses(start);
    const addresses = Array.from({ length: buffers }, () => memory.floats(engine.table.length));
    return { buffers: addresses, passes: memory.take(bytes), end: memory.end };
  };
  engine.training = engine.takeRegion(layOut(0).end);
  const { passes, ...laidOut } = layOut(engine.training.start);
  engine.floats.fill(0, engine.training.start / 4, passes / 4);
  return { buffers: laidOut.buffers, passes };
}

/** Releases the memory from {@link allocate}. */
export function release(engine: Engine): void {
  if (engine.training) engine.releaseRegion(engine.training);
  engine.training = undefined;
}
