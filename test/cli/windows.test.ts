import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { Interruption, lethal, portable, reason, replaceFile, sameName } from "../internals/cli.js";

// What Windows does differently, simulated: its errors and its signals.

/** A move that fails some times, with an error of the system, and then succeeds. */
function failing(times: number, code: string) {
  let calls = 0;
  const move = async (): Promise<void> => {
    calls++;
    if (calls <= times) throw Object.assign(new Error(`${code}: operation not permitted, rename`), { code });
  };
  return { move, calls: () => calls };
}

describe("replacing a file", () => {
  test.each(["EPERM", "EACCES", "EBUSY"])("on Windows waits until nobody has it open: %s", async (code) => {
    const { move, calls } = failing(3, code);
    await replaceFile("new", "old", { platform: "win32", move });
    expect(calls()).toBe(4);
  });

  test("on Windows fails at once for any other reason", async () => {
    const { move, calls } = failing(3, "ENOSPC");
    await expect(replaceFile("new", "old", { platform: "win32", move })).rejects.toThrow("ENOSPC");
    expect(calls()).toBe(1);
  });

  test("elsewhere fails at once", async () => {
    const { move, calls } = failing(3, "EPERM");
    await expect(replaceFile("new", "old", { platform: "linux", move })).rejects.toThrow("EPERM");
    expect(calls()).toBe(1);
  });
});

describe("a path", () => {
  const source = { text: ["data\\book.txt", "-"], csv: "a/b\\c.csv", season: 12 };

  test("is kept in a checkpoint as every system reads it", () => {
    expect(portable(source, "win32")).toEqual({ text: ["data/book.txt", "-"], csv: "a/b/c.csv", season: 12 });
    expect(portable(source, "linux")).toBe(source);
  });

  test("of a new file is compared as its folder does", () => {
    for (const platform of ["win32", "darwin"] as const) {
      expect(sameName("Model.LOG", platform)).toBe(sameName("model.log", platform));
      expect(sameName("e\u0301", platform)).toBe(sameName("\u00e9", platform));
    }
    expect(sameName("A", "linux")).not.toBe(sameName("a", "linux"));
  });

  test("that is refused may be open elsewhere on Windows", () => {
    const error = Object.assign(new Error(), { code: "EPERM" });
    expect(reason(error, "win32")).toBe("permission denied, or another program has it open");
    expect(reason(error, "linux")).toBe("permission denied");
  });
});

/** A trial of a sweep, as it would be on Windows; Ctrl-C reaches it before and after its sweep lets go of it. */
const TRIAL = `
  import { Interruption } from "${new URL("../../dist/cli/interruption.js", import.meta.url)}";
  import { followParent } from "${new URL("../../dist/cli/parent.js", import.meta.url)}";
  followParent("win32");
  const interruption = new Interruption(() => {});
  interruption.begin();
  const seen = [];
  const press = () => {
    for (const cause of ["SIGINT", "SIGBREAK", "SIGHUP"]) process.emit(cause, cause);
    seen.push(interruption.cause ?? "nothing");
  };
  press();
  const training = setInterval(() => {}, 1000);
  process.send("ready");
  process.once("disconnect", () => {
    clearInterval(training);
    press();
    console.log(seen.join());
  });
`;

describe("a signal", () => {
  test("of Windows' console is the sweep's, which lets its trials save what they have", async () => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", TRIAL], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      env: { ...process.env, LSTM_WASM_FOLLOWS_PARENT: "1" },
    });
    let stdout = "";
    child.stdout!.on("data", (piece) => {
      stdout += piece;
    });
    child.once("message", () => child.disconnect());
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(stdout).toBe("nothing,SIGTERM\n");
  });

  test("that ends the process is one that the system can send", () => {
    expect(lethal("SIGHUP", "linux")).toBe("SIGHUP");
    for (const cause of ["SIGINT", "SIGHUP", "SIGBREAK"] as const) expect(lethal(cause, "win32")).toBe("SIGTERM");
    expect(constants.signals.SIGTERM).toBe(15);
  });

  test("of Windows' Ctrl-Break interrupts a run as Ctrl-C does", () => {
    const interruption = new Interruption(() => {});
    try {
      interruption.begin();
      process.emit("SIGBREAK", "SIGBREAK");
      expect(interruption.signal.aborted).toBe(true);
      expect(interruption.cause).toBe("SIGBREAK");
    } finally {
      interruption.end();
    }
  });
});
