import type { Content } from "./protocol.js";

/** The name of the file that a run on these data is saved in. */
export function checkpointName({ preset, file }: Pick<Content, "preset" | "file">): string {
  const name = preset ?? file?.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "") ?? "model";
  return `${name}.safetensors`;
}
