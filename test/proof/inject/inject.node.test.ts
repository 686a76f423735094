import { beforeAll, describe, expect, test } from "vitest";
import { commands } from "./commands.js";
import type { Fault } from "./faults.js";
import { injector } from "./library.js";
import { observe, type Reference, suffer } from "./runs.js";

// npm run inject tries every call of every kind.
const found = injector();
const library = "library" in found ? found.library : "";
const why = "missing" in found ? ` (SKIPPED: ${found.missing})` : "";

const FAULTS: readonly (readonly [where: string, path: RegExp, fault: Omit<Fault, "nth">])[] = [
  ["the first write of the unfinished file", /writing$/, { call: "write", what: "ENOSPC", goesOn: true }],
  ["flushing the folder", /^$/, { call: "fsync", what: "EIO", goesOn: false }],
  ["reading the lock", /lock$/, { call: "read", what: "EIO", goesOn: false }],
  ["a read that is interrupted", /^\/m$/, { call: "read", what: "EINTR", goesOn: false }],
];

describe.skipIf(why !== "")(`a system call fails${why}`, () => {
  let reference: Reference;
  beforeAll(() => {
    reference = observe(library, commands()[1]!);
  });

  test.each(FAULTS)("%s", (_, path, fault) => {
    const calls = reference.calls.filter(([kind]) => kind === fault.call);
    const nth = 1 + calls.findIndex(([, one]) => path.test(one));
    expect(nth).toBeGreaterThan(0);
    expect(suffer(library, reference, { ...fault, nth }).wrong).toEqual([]);
  });
});
