import type { PackedAddresses } from "../network/packed-weights.js";
import type { Engine } from "./engine.js";

/** Packed weights that other threads may read. */
export interface HeldWeights {
  readonly addresses: PackedAddresses;
  /** The address from which on they were planned. */
  readonly start: number;
  release(): void;
}

/**
 * Packed weights for other threads: their bytes stay what they are until `release` is called, even where a run begins to
 * train.
 */
export function holdPackedWeights(
  engine: Engine,
  packedWeights: (engine: Engine) => PackedAddresses | undefined,
): HeldWeights | undefined {
  const addresses = packedWeights(engine);
  const { packed } = engine;
  if (!addresses || !packed) return undefined;
  packed.readers++;
  const release = () => {
    packed.readers--;
    if (packed.readers === 0 && packed !== engine.packed) engine.releaseRegion(packed.region);
  };
  return { addresses, start: packed.region.start, release };
}
