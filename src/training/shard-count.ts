/** Fewest sequences per shard: matrix products are computed several rows at a time. */
const MIN_SEQUENCES = 8;
/** Beyond this, summing the gradients costs more than threads gain. */
const MAX_DEFAULT = 8;
/** Most bytes for the gradients of all shards but the first. */
const MAX_GRADIENT_BYTES = 2 ** 29;

/**
 * The default number of shards. It depends only on the batch and the network, so that a run gives the same bits on
 * every machine.
 *
 * @param B sequences in a batch
 * @param parameters number of trained parameters
 */
export function defaultShardCount(B: number, parameters: number): number {
  const most = Math.min(MAX_DEFAULT, B / MIN_SEQUENCES, 1 + MAX_GRADIENT_BYTES / (4 * parameters));
  return Math.max(1, Math.floor(most));
}
