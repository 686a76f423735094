import { parseArgs } from "node:util";
import { commands } from "./commands.js";
import { injector } from "./library.js";
import { allFaults, observe, place, suffer } from "./runs.js";

// npm run inject

const HELP = `usage: npm run inject [-- options]

Makes every system call of a few commands fail, one at a time: open, read, write, fsync, rename and the others, each in several
ways. Counted are the calls on the command's folder and the files in it, not those by which Node and the program are loaded. After
each fault the file has to be the old or a new one, whole, the message has to say why, and the next run has to end with the bytes of
an unbroken one. Needs Linux and a C compiler, cc.

  --command TEXT  only commands whose names contain it, such as "conversion"
  --call KIND     only calls of this kind: open, read, write, fsync, rename, ftruncate, unlink, close, chmod, chown, stat, readlink
  --part I/N      the Ith of N parts of the faults
`;

const { values } = parseArgs({
  options: {
    command: { type: "string", default: "" },
    call: { type: "string" },
    part: { type: "string", default: "1/1" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const [part, parts] = values.part.split("/").map(Number) as [number, number];
if (!(part >= 1 && part <= parts)) {
  process.stderr.write(`--part: expected I/N such as 1/4, got ${values.part}\n\n${HELP}`);
  process.exit(2);
}

const found = injector();
if ("missing" in found) {
  process.stdout.write(`SKIPPED all faults: ${found.missing}\n`);
  process.exit(0);
}

let failures = 0;
for (const command of commands().filter(({ name }) => name.includes(values.command))) {
  const reference = observe(found.library, command);
  const tried = new Map<string, number>();
  const faults = allFaults(reference)
    .filter(({ call }) => values.call === undefined || call === values.call)
    .filter((_, i) => i % parts === part - 1);
  let survived = 0;
  for (const fault of faults) {
    const { code, wrong } = suffer(found.library, reference, fault);
    tried.set(fault.call, (tried.get(fault.call) ?? 0) + 1);
    if (code === 0) survived++;
    if (wrong.length === 0) continue;
    failures++;
    process.stdout.write(`FAILED ${command.name}, ${place(reference, fault)}: ${wrong.join("; ")}\n`);
  }
  const kinds = [...tried].map(([call, times]) => `${times} of ${call}`).join(", ");
  process.stdout.write(
    `${command.name}: ${faults.length} faults (${kinds}), ${survived} overcome, the others reported with exit status 1\n`,
  );
}
process.stdout.write(failures === 0 ? "no failures\n" : `${failures} failures\n`);
process.exit(failures === 0 ? 0 : 1);
