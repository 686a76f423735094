// usage: node ours.mjs BACKEND [CASE_JSON MILLISECONDS]
import { createRequire } from "node:module";
import { allowRelaxedSimd } from "../../build/bench/common/machine.js";
import { createWorkload } from "../../build/bench/measure/workload.js";
import { serve, THREADS } from "./serve.mjs";

const { version } = createRequire(import.meta.url)("../../package.json");
const [backend, ...args] = process.argv.slice(2);

allowRelaxedSimd();
await serve(version, args, (spec) => createWorkload(spec, backend, THREADS));
