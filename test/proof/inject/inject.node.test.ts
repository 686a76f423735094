import { beforeAll, describe, expect, test } from "vitest";
import { commands } from "./commands.js";
import type { Fault } from "./faults.js";
import { injector } from "./library.js";
import { type Command, observe, type Reference, suffer } from "./runs.js";

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
  let made: readonly Command[];
  let reference: Reference;
  beforeAll(() => {
    made = commands();
    reference = observe(library, made[1]!);
  });

  /** The first call of a kind on a path. */
  function nthOf({ calls }: Reference, call: string, path: RegExp): number {
    const nth = 1 + calls.filter(([kind]) => kind === call).findIndex(([, one]) => path.test(one));
    expect(nth).toBeGreaterThan(0);
    return nth;
  }

  test.each(FAULTS)("%s", (_, path, fault) => {
    const nth = nthOf(reference, fault.call, path);
    expect(suffer(library, reference, { ...fault, nth }).wrong).toEqual([]);
  });

  test("a link that cannot be read is not replaced by a file", () => {
    const through = observe(library, made[3]!);
    const looks = through.calls.filter(([kind]) => kind === "readlink").map(([, path]) => path);
    // The last but one look at the link, to find where to write.
    const nth = 1 + looks.lastIndexOf("/link.safetensors");
    expect(nth).toBeGreaterThan(1);
    expect(suffer(library, through, { call: "readlink", what: "EIO", nth, goesOn: false }).wrong).toEqual([]);
  });

  test("an unfinished file is removed by a single call: another could fail and leave it behind", () => {
    const { calls } = observe(library, made[2]!);
    const looks = calls.filter(([kind, path]) => kind === "stat" && path.endsWith("writing"));
    expect(looks).toEqual([]);
  });
});
