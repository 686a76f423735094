import { type PackedAddresses, PackedWeights } from "../network/packed-weights.js";
import type { Engine, PackedRegion } from "./engine.js";

/** Floats of weights that are packed besides, at most: 1 GiB. */
const MOST_PACKED = 2 ** 28;
/** Parameters of 256 KB: for one sequence, reading fewer is not what takes the time. */
const FEW_PARAMETERS = 2 ** 16;

/**
 * An engine's weights as products of several rows read them, for passes of one step of several sequences. It takes memory at
 * the first call, so plan afterwards. Undefined while a run has memory allocated, as its updates change the weights all the
 * time; for large models, whose memory is better not taken twice; and on backends that read the weights as they are.
 */
export function packedWeights(engine: Engine): PackedAddresses | undefined {
  if (engine.training) return undefined;
  engine.packed ??= planPackedWeights(engine);
  if (!engine.packed) return undefined;
  const { weights } = engine.packed;
  if (!engine.isPacked) weights.pack(engine.kernels);
  engine.isPacked = true;
  return weights.addresses;
}

/** The same for steps of a single sequence. */
export const packedRowWeights = (engine: Engine): PackedAddresses | undefined =>
  engine.table.length > FEW_PARAMETERS ? packedWeights(engine) : undefined;

function planPackedWeights(engine: Engine): PackedRegion | undefined {
  const { packWeights } = engine.instance.scratchBytes;
  if (!packWeights || engine.table.length > MOST_PACKED) return undefined;
  const weightsAt = (start: number) => new PackedWeights(engine.shape, engine.parameterAddresses, packWeights, start);
  const region = engine.takeRegion(weightsAt(0).end);
  engine.isPacked = false;
  return { weights: weightsAt(region.start), region, readers: 0 };
}
