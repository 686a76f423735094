/**
 * Where a key takes a cursor, which then does nothing else; undefined for another key.
 *
 * @param stride of the up and down keys
 */
export function keyMove(event: KeyboardEvent, at: number, length: number, stride: number): number | undefined {
  const moves: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - stride,
    ArrowDown: at + stride,
    PageUp: at - 10 * stride,
    PageDown: at + 10 * stride,
    Home: 0,
    End: length - 1,
  };
  const next = moves[event.key];
  if (next === undefined) return undefined;
  event.preventDefault();
  return Math.max(0, Math.min(length - 1, next));
}
