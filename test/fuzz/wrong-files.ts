/** Larger ones take so long to damage and to read that fewer could be tried. */
const LARGEST = 2 ** 15;

/** Files of some kinds that were once read wrongly. A page has none, since it reads no folders. */
export async function wrongFiles(...kinds: readonly string[]): Promise<Uint8Array[]> {
  if (!globalThis.process?.versions?.node) return [];
  const { corpus } = await import("../corpus/corpus.js");
  const all = await corpus();
  return kinds.flatMap((kind) => all[kind]!.map(([, bytes]) => bytes)).filter(({ length }) => length <= LARGEST);
}
