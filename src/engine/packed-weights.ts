import { type PackedAddresses, PackedWeights } from "../network/packed-weights.js";
import type { Engine, PackedRegion } from "./engine.js";

/** Floats of weights that are packed besides, at most: 1 GiB. */
const MOST_PACKED = 2 ** 28;
/** Parameters of 256 KB: for one sequence, reading fewer is not what takes the time. */
const FEW_PARAMETERS = 2 ** 16;
/** Parameters of 1.6 MB: a second-level cache holds fewer. */
const MANY_PARAMETERS = 4e5;

/**
 * An engine's weights as products of several rows read them, for passes of one step of several sequences. It takes memory at
 * the first call, so plan afterwards. Undefined while a run has memory allocated, as its updates change the weights all the
 * time; for large models, whose memory is better not taken twice; and on backends that read the weights as they are.
 */
export function packedWeights(engine: Engine): PackedAddresses | undefined {
  const packed = packedRegion(engine);
  if (!packed) return undefined;
  const { forTiles } = packed.weights;
  if (engine.isPacked && packed.order === forTiles) return forTiles;
  return pack(engine, packed, forTiles);
}

/**
 * The same for steps of a single sequence. If the weights are packed for several, which a single one can read too, they stay so:
 * a model that has both kinds of steps would be packed all the time.
 */
export function packedRowWeights(engine: Engine): PackedAddresses | undefined {
  if (engine.table.length <= FEW_PARAMETERS) return undefined;
  const packed = packedRegion(engine);
  if (!packed || engine.isPacked) return packed?.order;
  const { forTiles, forRows } = packed.weights;
  // Threads that still read them read tiles.
  return pack(engine, packed, readsOneStream(engine) && packed.readers === 0 ? forRows : forTiles);
}

/** Whether reading weights takes more time than computing with them: then one stream is faster than several side by side. */
const readsOneStream = ({ backend, table }: Engine): boolean =>
  backend === "relaxed-simd" && table.length > MANY_PARAMETERS;

function packedRegion(engine: Engine): PackedRegion | undefined {
  if (engine.training) return undefined;
  engine.packed ??= planPackedWeights(engine);
  return engine.packed;
}

function pack(engine: Engine, packed: PackedRegion, order: PackedAddresses): PackedAddresses {
  packed.weights.pack(engine.kernels, order);
  packed.order = order;
  engine.isPacked = true;
  return order;
}

function planPackedWeights(engine: Engine): PackedRegion | undefined {
  const { packWeights } = engine.instance.scratchBytes;
  if (!packWeights || engine.table.length > MOST_PACKED) return undefined;
  const weightsAt = (start: number) => new PackedWeights(engine.shape, engine.parameterAddresses, packWeights, start);
  const region = engine.takeRegion(weightsAt(0).end);
  engine.isPacked = false;
  const weights = weightsAt(region.start);
  return { weights, order: weights.forTiles, region, readers: 0 };
}
