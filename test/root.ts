import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone's folder, for tests and for programs compiled from them to any depth of build/. */
export const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  return existsSync(join(folder, "asconfig.json")) ? folder : rootAbove(dirname(folder));
}

/** The built command line. */
export const CLI = join(ROOT, "dist", "bundle", "cli.js");
