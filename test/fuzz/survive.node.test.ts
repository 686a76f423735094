import { expect, test } from "vitest";
import { survive, type Trial } from "./survive.js";

// The fuzzer has to see what it is there to find.

class Refusal extends Error {}

const trial = (read: Trial["read"]): Trial => ({
  files: [new Uint8Array(100), new Uint8Array(10)],
  damage: (file, random) => Uint8Array.from(file, () => random.next()),
  read,
  isRefusal: (error) => error instanceof Refusal,
  milliseconds: 40,
});

function compute(milliseconds: number): void {
  for (const end = process.cpuUsage().user + 1000 * milliseconds; process.cpuUsage().user < end; );
}

const isLast = (bytes: Uint8Array, random: { next(): number }) => bytes.length === 10 && random.next() % 50 === 0;

test("what was read and what was refused is counted", async () => {
  const share = await survive(
    trial((bytes) => {
      if (bytes.length === 10) throw new Refusal();
    }),
    0,
    20,
  );
  expect(share).toBe(0.5);
});

test("an error that is no refusal is reported with its seed", async () => {
  const read: Trial["read"] = (bytes, random) => {
    if (isLast(bytes, random)) throw new TypeError("undefined is not a function");
  };
  await expect(survive(trial(read), 5, 500)).rejects.toThrow(/^damaged with seed \d+$/);
});

test("a reader that computes for long is found, and one that waits for the processor is not", async () => {
  const waits = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
  expect(await survive(trial(waits), 0, 3)).toBe(1);
  await expect(
    survive(
      trial(() => compute(60)),
      7,
      3,
    ),
  ).rejects.toThrow(/^seed 7 took \d+ ms$/);
});

test("a reader that takes much more memory than its file is found", async () => {
  let files = 0;
  const greedy = () => {
    files++;
    // As much as this process ever had may not show.
    if (files === 300)
      Buffer.alloc(1024 * process.resourceUsage().maxRSS - process.memoryUsage.rss() + 2 ** 27).fill(1);
  };
  const patient = { ...trial(greedy), milliseconds: 10_000 };
  await expect(survive(patient, 0, 400)).rejects.toThrow(
    /^one of the seeds 280 to 299 took \d+ MiB for 100 bytes at most$/,
  );
});
