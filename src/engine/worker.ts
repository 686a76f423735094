import { BoundedCache } from "../common/bounded-cache.js";
import { instantiate } from "../kernels/instantiate.js";
import { wasmScratch } from "../kernels/scratch.js";
import { step } from "../network/backward.js";
import { type LossFunction, targetWidth } from "../network/loss.js";
import { Network } from "../network/network.js";
import { addressesOf, type ParameterAddresses, type ParameterTable, planParameters } from "../network/parameters.js";
import { type PassPlan, planPass } from "../network/plan.js";
import type { NetworkShape } from "../network/shape.js";
import { Mailbox } from "./mailbox.js";

/** What a worker needs to compute shards of a model's training steps, and forward passes. */
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
  const kernels = instantiate(module, memory);
  const network = new Network(kernels, shape, addressesOf(table, shape, parameters));
  const mailbox = new Mailbox(bytes, shape.layers);
  const width = targetWidth(shape, lossFunction);
  const plans = new BoundedCache<{ plan: PassPlan; gradients: ParameterAddresses }>();
  ready();
  for (;;) {
    const { T, B, rows, outputRows, weights, pass, gradients, gradientScale, dropout } = mailbox.receive();
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
