import { expect, test } from "vitest";
import * as forecast from "../../../src/forecast.js";
import * as library from "../../../src/index.js";
import * as presets from "../../../src/presets.js";
import * as stream from "../../../src/stream.js";
import * as words from "../../../src/words.js";
import recorded from "./recorded.json" with { type: "json" };
import { golden } from "./runs.mjs";

// npm run golden compares all hosts of this machine.
test("thirty runs have the recorded bits in this host", async () => {
  const { hash, hashes } = await golden({ ...library, ...forecast, ...presets, ...stream, ...words });
  expect(hashes).toEqual(recorded.hashes);
  expect(Object.keys(hashes)).toHaveLength(30);
  expect(hash).toBe(recorded.hash);
});
