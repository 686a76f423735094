import { BoundedCache } from "../common/bounded-cache.js";
import { continueTexts } from "../decoding/texts.js";
import type { Kernels } from "../kernels/kernels.js";
import { wasmScratch } from "../kernels/scratch.js";
import { step } from "../network/backward.js";
import { type LossFunction, targetWidth } from "../network/loss.js";
import { Network } from "../network/network.js";
import { PackedWeights } from "../network/packed-weights.js";
import { addressesOf, type ParameterAddresses, type ParameterTable, planParameters } from "../network/parameters.js";
import { type PassPlan, planPass } from "../network/plan.js";
import type { NetworkShape } from "../network/shape.js";
import { Mailbox } from "./mailbox.js";

/** What a worker needs to compute shards of a model's training steps, forward passes, and steps of texts. */
export interface WorkerInit {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly shape: NetworkShape;
  readonly lossFunction: LossFunction;
  /** The address of the parameters. */
  readonly parameters: number;
  /** Where they are not laid out as trained parameters are. */
  readonly table?: ParameterTable | undefined;
  readonly mailbox: SharedArrayBuffer;
}

/**
 * Runs a worker: one task after another, in the memory of the model.
 *
 * @param ready called once the worker is ready
 */
export function runWorker(
  { module, memory, shape, lossFunction, parameters, table = planParameters(shape), mailbox: bytes }: WorkerInit,
  ready: () => void,
): never {
  // Without AssemblyScript's loader: a worker in a page has no import map to resolve the package.
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  const addresses = addressesOf(table, shape, parameters);
  const network = new Network(kernels, shape, addresses);
  const host = { network, kernels, shape, scratchBytes: wasmScratch };
  const packedAt = (start: number) => new PackedWeights(shape, addresses, wasmScratch.packWeights!, start).addresses;
  const mailbox = new Mailbox(bytes, shape.layers);
  const width = targetWidth(shape, lossFunction);
  const plans = new BoundedCache<{ plan: PassPlan; gradients: ParameterAddresses }>();
  ready();
  for (;;) {
    const task = mailbox.receive();
    if ("texts" in task) {
      const { texts, steps, packed } = task;
      continueTexts({ ...host, buffer: memory.buffer }, texts, steps, packed > 0 ? packedAt(packed) : undefined);
      mailbox.reply(0);
      continue;
    }
    const { T, B, rows, outputRows, weights, pass, gradients, gradientScale, dropout } = task;
    const weighted = weights > 0;
    const key = `${T} ${B} ${rows} ${outputRows} ${weighted} ${pass} ${gradients} ${dropout !== undefined}`;
    const planned = plans.get(key, () => {
      const hasDropout = dropout !== undefined;
      const training = gradients > 0;
      const options = { training, dropout: hasDropout, weighted, rows, outputRows, targetWidth: width };
      return {
        plan: planPass(shape, wasmScratch, T, B, options, pass),
        gradients: addressesOf(table, shape, gradients),
      };
    });
    if (gradients > 0)
      mailbox.reply(step(network, planned.plan, lossFunction, gradientScale, planned.gradients, dropout));
    else {
      network.forward(planned.plan);
      mailbox.reply(0);
    }
  }
}
