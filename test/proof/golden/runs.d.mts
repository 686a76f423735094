/** The runs by name: each makes the bytes, or the numbers and texts, that are hashed. */
export const RUNS: Readonly<Record<string, (library: object) => Promise<unknown>>>;

export function golden(
  library: object,
  names?: readonly string[],
): Promise<{ hash: string; hashes: Readonly<Record<string, string>> }>;
