import { createHash } from "node:crypto";
import { type BigIntStats, createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { reason, shownPath } from "../cli/paths.js";
import { filesIn } from "../cli/texts.js";
import { InputError } from "../common/errors.js";

/** What tells files and folders from others of the same names: by path, the hash of what is in it. */
export type Digests = Readonly<Record<string, string>>;

/** Hex digits of a hash that are kept. */
const DIGITS = 32;

/** Files that were hashed, by path: a worker reads the same for each trial. */
const known = new Map<string, { readonly version: string; readonly digest: Promise<string> }>();

/**
 * Hashes files, and all files in folders. A pipe has nothing that could be compared later, and is left out.
 *
 * @throws InputError if one cannot be read
 */
export async function digestsOf(paths: readonly string[]): Promise<Digests> {
  const digests: Record<string, string> = {};
  for (const path of paths) {
    const digest = await digestOf(path);
    if (digest !== undefined) digests[path] = digest;
  }
  return digests;
}

/** The first path that has something else in one than in the other. */
export const differingPath = (one: Digests, other: Digests): string | undefined =>
  Object.keys({ ...one, ...other }).find((path) => one[path] !== other[path]);

async function digestOf(path: string): Promise<string | undefined> {
  try {
    const status = await stat(path, { bigint: true });
    if (status.isFile()) return await fileDigest(path, status);
    if (!status.isDirectory()) return undefined;
    const hash = createHash("sha256");
    for (const file of await filesIn(path)) {
      hash.update(`${file.slice(path.length)}\0`.replaceAll("\\", "/"));
      hash.update(await fileDigest(file, await stat(file, { bigint: true })));
    }
    return hash.digest("hex").slice(0, DIGITS);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${shownPath(path)} cannot be read: ${reason(error)}`, { cause: error });
  }
}

function fileDigest(path: string, { dev, ino, size, mtimeNs }: BigIntStats): Promise<string> {
  const version = [dev, ino, size, mtimeNs].join(":");
  const before = known.get(path);
  if (before?.version === version) return before.digest;
  const digest = hashOf(path);
  known.set(path, { version, digest });
  // Another time it may be there.
  digest.catch(() => known.delete(path));
  return digest;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash.digest("hex").slice(0, DIGITS);
}
