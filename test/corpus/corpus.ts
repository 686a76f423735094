import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root.js";
import { checkpoints, safetensors } from "./checkpoints.js";
import { foreign } from "./foreign.js";
import { LONG } from "./texts.js";

// Every file that a reader once got wrong, or that is wrong in its own way. A new one is put into the folder of its kind, under a
// name that says what is wrong with it; what is large, or depends on today's formats, is made in code beside.

const FILES = join(ROOT, "test", "corpus", "files");

/** A file, by what is wrong with it. */
export type Wrong = readonly [what: string, bytes: Uint8Array];

/** By kind: tables, ts, tsf, vocabularies, safetensors, checkpoints, and the endings of foreign formats. */
export async function corpus(): Promise<Readonly<Record<string, readonly Wrong[]>>> {
  const texts = readdirSync(FILES).map((kind): [string, Wrong[]] => {
    const long = Object.entries(LONG[kind] ?? {}).map(
      ([what, make]): Wrong => [what, new TextEncoder().encode(make())],
    );
    return [kind, [...filesIn(join(FILES, kind)), ...long]];
  });
  const { safetensors: others = [], ...rest } = await foreign();
  return {
    ...Object.fromEntries(texts),
    ...rest,
    safetensors: [...safetensors(), ...others],
    checkpoints: await checkpoints(),
  };
}

function filesIn(folder: string): Wrong[] {
  // Not Buffers, which may share their memory.
  return readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]);
}
