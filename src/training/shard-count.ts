/** Sequences of a shard, at the least: the products are computed some rows at a time. */
const MIN_SEQUENCES = 8;
/** Beyond this, adding up the gradients costs more than threads gain. */
const MAX_DEFAULT = 8;
/** Bytes that the gradients of all shards but the first may take. */
const MAX_GRADIENT_BYTES = 2 ** 29;

/**
 * How many shards a batch's gradient is added up from, where the user does not say. It depends on nothing but the batch and
 * the network, so that a run has the same bits on every machine.
 *
 * @param B sequences in a batch
 * @param parameters how many numbers are trained
 */
export function defaultShardCount(B: number, parameters: number): number {
  const most = Math.min(MAX_DEFAULT, B / MIN_SEQUENCES, 1 + MAX_GRADIENT_BYTES / (4 * parameters));
  return Math.max(1, Math.floor(most));
}
