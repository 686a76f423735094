import type { Model } from "../model/model.js";
import type { Place, ProcessGroup } from "./process-group.js";

// Fetched where several processes share forward passes.

/** Every so many items: those of a process. */
export const ownOf = <Item>(items: readonly Item[], { rank, size }: Place): Item[] =>
  items.filter((_, i) => i % size === rank);

/** A part of some work as bytes, and back. */
export interface Codec<Part> {
  encode(part: Part): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array<ArrayBuffer>): Part;
}

export const DOUBLES: Codec<Float64Array<ArrayBuffer>> = {
  encode: ({ buffer }) => new Uint8Array(buffer),
  decode: ({ buffer }) => new Float64Array(buffer),
};
export const FLOATS: Codec<Float32Array<ArrayBuffer>> = {
  encode: ({ buffer }) => new Uint8Array(buffer),
  decode: ({ buffer }) => new Float32Array(buffer),
};
export const INTEGERS: Codec<Int32Array<ArrayBuffer>> = {
  encode: ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  decode: ({ buffer }) => new Int32Array(buffer),
};
/** What JSON keeps. */
export const jsonOf = <Part>(): Codec<Part> => ({
  encode: (part) => new TextEncoder().encode(JSON.stringify(part)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Part,
});

/** Work in parts, of which each process computes its own. */
export interface Parts<Part, Result> {
  readonly model: Model;
  /** What has to be the same in all processes, by name. */
  settings(): [string, string][];
  compute(): Promise<Part>;
  /** @param parts of all processes, in their order */
  combine(parts: readonly Part[]): Result;
}

/** The result of work that the processes of a group share. @param prepare validates the work */
export async function inParts<Part, Result>(
  group: ProcessGroup,
  { encode, decode }: Codec<Part>,
  prepare: () => Promise<Parts<Part, Result>>,
): Promise<Result> {
  let work: Parts<Part, Result> | undefined;
  const parts = await group.collect(async () => {
    work = await prepare();
    const { model, settings, compute } = work;
    return { model, settings: new Map(settings()), compute: async () => encode(await compute()) };
  });
  return work!.combine(parts.map(decode));
}
