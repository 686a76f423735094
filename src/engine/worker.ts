import { BoundedCache } from "../common/bounded-cache.js";
import { Random } from "../common/random.js";
import { continueTexts } from "../decoding/texts.js";
import { instantiate } from "../kernels/instantiate.js";
import { wasmScratch } from "../kernels/scratch.js";
import { step } from "../network/backward.js";
import { type LossFunction, targetWidth } from "../network/loss.js";
import { Network } from "../network/network.js";
import { PackedWeights } from "../network/packed-weights.js";
import { addressesOf, type ParameterAddresses, type ParameterTable, planParameters } from "../network/parameters.js";
import { type PassPlan, planPass, writeLists } from "../network/plan.js";
import type { NetworkShape } from "../network/shape.js";
import { planSharedStep, SharedStep } from "../network/shared-step.js";
import type { ThreadInit } from "../platform/platform.js";
import { Mailbox } from "./mailbox.js";
import { Meeting } from "./meeting.js";

/** What a worker needs to compute shards of a model's training steps, forward passes, and steps of texts. */
export interface WorkerInit extends ThreadInit {
  readonly shape: NetworkShape;
  readonly lossFunction: LossFunction;
  /** The address of the parameters. */
  readonly parameters: number;
  /** Where they are not laid out as trained parameters are. */
  readonly table?: ParameterTable | undefined;
  readonly mailbox: SharedArrayBuffer;
}

/** How long to wait to be called to a shared step, in milliseconds: longer than the first thread takes for a step alone. */
const IDLE = 20;
/** How long to wait for the others in a step: longer than the first thread does, so that it is that one which gives up. */
const SERVING_PATIENCE = 4;

/** Computes its part of one shared step after another, until it is not called or others do not come. */
function serve(step: SharedStep, meeting: Meeting, packedAt: (start: number) => PackedWeights): void {
  let start = 0;
  let weights: PackedWeights | undefined;
  meeting.join();
  for (let token = meeting.next(IDLE); token !== undefined; token = meeting.next(IDLE)) {
    if (meeting.packed !== start) {
      start = meeting.packed;
      weights = start > 0 ? packedAt(start) : undefined;
    }
    const packed = meeting.arePackedForRows ? weights?.forRows : weights?.forTiles;
    if (!step.run(token, packed, meeting.meet)) {
      meeting.leave();
      return;
    }
    meeting.finish();
  }
}

/**
 * Runs a worker: one task after another, in the memory of the model, until there will be no more.
 *
 * @param ready called once the worker is ready
 */
export function runWorker(
  { module, memory, shape, lossFunction, parameters, table = planParameters(shape), mailbox: bytes }: WorkerInit,
  ready: () => void,
): void {
  const kernels = instantiate(module, memory);
  const addresses = addressesOf(table, shape, parameters);
  const network = new Network(kernels, shape, addresses);
  const planAt = (T: number, B: number, address: number) =>
    planPass(shape, wasmScratch, T, B, { outputRows: B, targetWidth: width }, address);
  const packedAt = (start: number) => new PackedWeights(shape, addresses, wasmScratch.packWeights!, start);
  const mailbox = new Mailbox(bytes, shape.layers);
  const width = targetWidth(shape, lossFunction);
  const plans = new BoundedCache<{ plan: PassPlan; gradients: ParameterAddresses }>();
  ready();
  for (let task = mailbox.receive(); task; task = mailbox.receive()) {
    if ("texts" in task) {
      const { texts, count, steps, packed } = task;
      const { buffer } = memory;
      const host = {
        network,
        buffer,
        plan: planAt,
        writeLists: (plan: PassPlan) => writeLists(plan, new Int32Array(buffer)),
      };
      const randoms = Array.from({ length: count }, () => new Random(0));
      continueTexts(host, texts, steps, randoms, packed > 0 ? packedAt(packed).forTiles : undefined);
      mailbox.reply(0);
      continue;
    }
    if ("shared" in task) {
      const { shared, thread, threads } = task;
      const planned = planSharedStep(network, (address) => planAt(1, 1, address), threads, shared);
      const step = new SharedStep(network, planned, thread);
      serve(step, new Meeting(memory.buffer, planned.words, threads, thread, SERVING_PATIENCE), packedAt);
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
