import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { presets } from "#lstm/presets.js";
import { CLI } from "../../root.js";
import type { Command } from "./runs.js";

const RUN = ["train", "--quiet", "--json", "--threads=1"];
const START = [
  ...RUN,
  "--backend=simd",
  "--text=text.txt",
  "--hidden-size=4",
  "--batch-size=4",
  "--sequence-length=20",
  "--dropout=0.1",
  "--validation-fraction=0.1",
];
const CHECKPOINTS = ["--checkpoint-every=1"];

const writeText = (folder: string): void => writeFileSync(join(folder, "text.txt"), presets.hamlet.text);

/** What a run of one epoch leaves, made once. */
function afterOneEpoch(): (folder: string) => void {
  const made = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  writeText(made);
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...START, "--epochs=1", "--out=m"], {
    cwd: made,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`a run of one epoch ended with ${status}: ${stderr}`);
  return (folder) => cpSync(made, folder, { recursive: true });
}

/** The commands whose system calls are made to fail. */
export function commands(): readonly Command[] {
  const trained = afterOneEpoch();
  return [
    {
      name: "a new run",
      args: [...START, ...CHECKPOINTS, "--epochs=2", "--out=m"],
      prepare: writeText,
      file: "m",
      next: (exists) => (exists ? [...RUN, "--resume=m", "--epochs=2"] : [...START, "--epochs=2", "--out=m"]),
    },
    {
      name: "a resumed run with a log and a picture",
      args: [...RUN, ...CHECKPOINTS, "--resume=m", "--epochs=2", "--log=log", "--plot=m.svg"],
      prepare: trained,
      file: "m",
      next: () => [...RUN, "--resume=m", "--epochs=2"],
    },
    {
      name: "a conversion",
      args: ["convert", "m", "int8.safetensors", "--dtype=int8"],
      prepare: trained,
      file: "int8.safetensors",
      next: () => ["convert", "m", "int8.safetensors", "--dtype=int8"],
    },
    {
      name: "a conversion to where a link leads",
      args: ["convert", "m", "link.safetensors", "--dtype=int8"],
      prepare: (folder) => {
        trained(folder);
        symlinkSync("int8.safetensors", join(folder, "link.safetensors"));
      },
      file: "int8.safetensors",
      next: () => ["convert", "m", "link.safetensors", "--dtype=int8"],
    },
  ];
}
