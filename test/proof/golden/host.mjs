// Prints the hashes of the golden runs, for Node, Deno and Bun.

import process from "node:process";
import * as forecast from "../../../dist/bundle/forecast.js";
import * as library from "../../../dist/bundle/node.js";
import * as presets from "../../../dist/bundle/presets.js";
import * as stream from "../../../dist/bundle/stream.js";
import * as words from "../../../dist/bundle/words.js";
import { golden } from "./runs.mjs";

const { bun, deno, node } = process.versions;
const version = `${bun ?? deno ?? node}, ${process.arch}`;
console.log(
  JSON.stringify({ version, ...(await golden({ ...library, ...forecast, ...presets, ...stream, ...words })) }),
);
