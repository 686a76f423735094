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

type Corpus = Readonly<Record<string, readonly Wrong[]>>;

let made: Promise<Corpus> | undefined;

/** By kind: tables, ts, tsf, vocabularies, safetensors, checkpoints, and the endings of foreign formats. */
export function corpus(): Promise<Corpus> {
  made ??= make();
  return made;
}

async function make(): Promise<Corpus> {
  const all: Record<string, Wrong[]> = {};
  const add = (kind: string, files: readonly Wrong[]) => {
    all[kind] = [...(all[kind] ?? []), ...files];
  };
  for (const kind of readdirSync(FILES)) add(kind, filesIn(join(FILES, kind)));
  for (const [kind, texts] of Object.entries(LONG))
    add(
      kind,
      Object.entries(texts).map(([what, make]) => [what, new TextEncoder().encode(make())]),
    );
  for (const [kind, files] of Object.entries(await foreign())) add(kind, files);
  add("safetensors", safetensors());
  add("checkpoints", await checkpoints());
  return all;
}

function filesIn(folder: string): Wrong[] {
  // Not Buffers, which may share their memory.
  return readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]);
}
