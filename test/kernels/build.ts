import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Compiles the debug build where it is out of date, before any test runs. */
export default function buildDebugKernels(): void {
  const script = fileURLToPath(new URL("../../scripts/run.mjs", import.meta.url));
  execFileSync(process.execPath, [script, "build:debug"], { stdio: ["ignore", "ignore", "inherit"] });
}
