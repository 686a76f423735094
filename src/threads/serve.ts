import { BoundedCache } from "../bounded-cache.js";
import type { Kernels } from "../kernels/kernels.js";
import { wasmScratch } from "../kernels/scratch.js";
import {
  addressesOf,
  type NetworkShape,
  type ParameterAddresses,
  type PassPlan,
  planParameters,
  planPass,
} from "../layout.js";
import { type LossFunction, Network, targetWidth } from "../network.js";
import { ServedDesk } from "./desk.js";

/** What a thread has to know to compute parts of a model's training steps. */
export interface Duty {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly shape: NetworkShape;
  readonly lossFunction: LossFunction;
  /** Where the parameters begin. */
  readonly parameters: number;
  readonly desk: SharedArrayBuffer;
}

/**
 * A thread's life: one task after the other, on the memory of the model.
 *
 * @param ready called once it can begin
 */
export function serve(
  { module, memory, shape, lossFunction, parameters, desk: bytes }: Duty,
  ready: () => void,
): never {
  // Without the loader: a worker in a page has no import map to find a package with.
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  const table = planParameters(shape);
  const network = new Network(kernels, shape, addressesOf(table, parameters));
  const width = targetWidth(shape, lossFunction);
  const desk = new ServedDesk(bytes);
  const rooms = new BoundedCache<{ plan: PassPlan; gradients: ParameterAddresses }>();
  ready();
  for (;;) {
    const { T, B, scored, pass, gradients, gradientScale, dropout } = desk.take();
    const key = `${T} ${B} ${scored} ${pass} ${gradients} ${dropout !== undefined}`;
    const room = rooms.get(key, () => {
      const options = { training: true, dropout: dropout !== undefined, scored, targetWidth: width };
      return { plan: planPass(shape, wasmScratch, T, B, options, pass), gradients: addressesOf(table, gradients) };
    });
    desk.answer(network.step(room.plan, lossFunction, gradientScale, room.gradients, dropout));
  }
}
