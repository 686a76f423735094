import { expect, test } from "vitest";
import { train } from "../../src/index.js";
import { HAMLET as hamlet } from "../internals/presets.js";
import { modelOf, OPTIONS } from "./subject.js";

test("idle workers use no processor time", async () => {
  const model = await modelOf();
  for await (const _ of train(model, hamlet, OPTIONS));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(100);
  model.free();
});
