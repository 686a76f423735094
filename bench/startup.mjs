// Milliseconds from `import` to the end of Hamlet's first training step: the median over fresh processes.
// usage: node bench/startup.mjs [PROCESSES], on the built library
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = `
const start = performance.now();
const { characters, createModel, train } = await import("lstm-wasm");
const { presets } = await import("lstm-wasm/presets");
const { text, model, training } = presets.hamlet;
await train(await createModel({ vocabulary: characters(text), ...model }), text, training).next();
console.log(performance.now() - start);`;

const count = Number(process.argv[2] ?? 21);
const cwd = fileURLToPath(new URL("..", import.meta.url));
const times = Array.from({ length: count }, () =>
  Number(execFileSync(process.execPath, ["--input-type=module", "--eval", PROGRAM], { cwd })),
).sort((a, b) => a - b);
const shown = [times[0], times[Math.floor(count / 2)], times.at(-1)].map((time) => time.toFixed(1));
console.log(
  `Node ${process.versions.node}: min ${shown[0]} ms, median ${shown[1]} ms, max ${shown[2]} ms over ${count} processes`,
);
