import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findChromium } from "../hosts/chromium.js";

/** Builds the page where it is out of date and will be looked at, before any test runs. */
export default function buildPage(): void {
  if (!findChromium()) return;
  const script = fileURLToPath(new URL("../../scripts/run.mjs", import.meta.url));
  execFileSync(process.execPath, [script, "build:web"], { stdio: ["ignore", "ignore", "inherit"] });
}
