import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { load } from "../../src/index.js";
import { lstmWasm } from "./run.js";

const FIXTURES = fileURLToPath(new URL("../fixtures/convert", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lstm-wasm-convert-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) => join(FIXTURES, name);
const out = (name: string) => join(folder, name);

describe("lstm-wasm convert", () => {
  test("makes a checkpoint of a charRNN, which generates and goes into half the room", async () => {
    const whole = out("whole.safetensors");
    const { code, stdout, stderr } = await lstmWasm(["convert", fixture("ml5/manifest.json"), whole]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain('vocab.json: entry 1, "  ", is damaged: read as u\n');
    expect(stderr).toMatch(
      /Wrote .*whole\.safetensors: 2 × 5 hidden units, tokens of 7 in, 7 out, 463 parameters\.\n$/,
    );
    const generated = await lstmWasm(["generate", "--model", whole, "--prompt", "tube", "--length", "9", "--json"]);
    expect(JSON.parse(generated.stdout).text).toMatch(/^[eutUbo ]{9,13}$/);
    const half = out("half.safetensors");
    expect((await lstmWasm(["convert", whole, half, "--dtype", "float16"])).code).toBe(0);
    const [first, second] = [await load(readFileSync(whole)), await load(readFileSync(half))];
    expect(second.tensor("linear.bias")[0]).toBeCloseTo(first.tensor("linear.bias")[0]!, 2);
  });

  test("makes a model with int8 weights, which generates, is evaluated and shown, and says why it is not trained", async () => {
    const tiny = out("tiny.safetensors");
    const text = out("text.txt");
    writeFileSync(text, "tube ".repeat(20));
    const converted = await lstmWasm(["convert", fixture("ml5/manifest.json"), tiny, "--dtype", "int8"]);
    expect(converted.stderr).toMatch(/463 parameters, int8\.\n$/);
    const generate = ["generate", "--model", tiny, "--prompt", "tube", "--length", "30", "--backend"];
    const first = await lstmWasm([...generate, "javascript"]);
    const second = await lstmWasm([...generate, "simd"]);
    expect(first.stdout).toMatch(/^tube.{30}/);
    expect(second.stdout).toBe(first.stdout);
    const evaluated = await lstmWasm(["evaluate", "--model", tiny, "--text", text, "--json"]);
    expect(JSON.parse(evaluated.stdout).loss).toBeGreaterThan(0);
    const shown = (await lstmWasm(["inspect", tiny])).stdout;
    expect(shown).toMatch(/^Model: .*, 463 parameters, int8 weights\n/);
    expect(shown).toMatch(/lstm\.weight_hh_l0 +I8 +\[20, 5\]/);
    const trained = await lstmWasm(["train", "--init-from", tiny, "--text", text, "--out", out("more.safetensors")]);
    expect(trained.code).toBe(1);
    expect(trained.stderr).toContain("train the float32 model");
  });

  test("makes a forecaster with int8 weights, which forecasts almost as before, and is not trained on", async () => {
    const [csv, whole, tiny] = [out("waves.csv"), out("waves.safetensors"), out("tiny-waves.safetensors")];
    const wave = (t: number) => 10 + Math.sin(t / 3) * (2 + Math.cos(t / 11)) + Math.sin(t * t) / 20;
    writeFileSync(csv, `wave\n${Array.from({ length: 160 }, (_, t) => wave(t)).join("\n")}\n`);
    const train = [
      "train",
      "--csv",
      csv,
      "--target",
      "wave",
      "--window",
      "12",
      "--hidden-size",
      "12",
      "--epochs",
      "30",
      "--quiet",
    ];
    expect((await lstmWasm([...train, "--out", whole])).code).toBe(0);
    expect((await lstmWasm(["convert", whole, tiny, "--dtype", "int8"])).code).toBe(0);
    const forecast = async (model: string, ...flags: string[]) => {
      const { stdout } = await lstmWasm(["forecast", "--model", model, "--csv", csv, "--horizon", "5", ...flags]);
      return stdout.trim().split("\n").slice(1).map(Number);
    };
    const [first, second] = [await forecast(whole), await forecast(tiny)];
    expect(second).toHaveLength(5);
    expect(second).not.toEqual(first);
    for (const [i, value] of second.entries()) expect(Math.abs(value - first[i]!)).toBeLessThan(0.1);
    expect(await forecast(tiny, "--backend", "javascript")).toEqual(second);
    const scored = await lstmWasm(["backtest", "--model", tiny, "--csv", csv, "--json"]);
    expect(JSON.parse(scored.stdout).rmse).toBeGreaterThan(0);
    const resumed = await lstmWasm(["train", "--resume", tiny, "--csv", csv]);
    expect(resumed.code).toBe(1);
    expect(resumed.stderr).toContain("nothing to resume");
  });

  test("writes ONNX, and reads it again", async () => {
    const [onnx, back] = [out("model.onnx"), out("back.safetensors")];
    expect((await lstmWasm(["convert", fixture("pytorch-tokens.pt"), onnx, "--stateful"])).code).toBe(0);
    expect((await lstmWasm(["convert", onnx, back])).code).toBe(0);
    const direct = out("direct.safetensors");
    expect((await lstmWasm(["convert", fixture("pytorch-tokens.pt"), direct])).code).toBe(0);
    const [first, second] = [await load(readFileSync(direct)), await load(readFileSync(back))];
    expect(second.config).toEqual(first.config);
    for (const { name } of first.tensors) expect(second.tensor(name)).toEqual(first.tensor(name));
  });

  test("says what is wrong with a file, and leaves OUT alone", async () => {
    const to = out("none.safetensors");
    const { code, stderr } = await lstmWasm(["convert", fixture("refused-gru.safetensors"), to]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/refused-gru\.safetensors cannot be converted: weight_hh_l0: .*GRU\n$/);
    expect(() => readFileSync(to)).toThrow("ENOENT");
  });

  test.each([
    [["IN.pt"], "expected two files, IN and OUT, got 1"],
    [["IN.pt", "OUT.gguf"], "OUT: expected a name with .safetensors or .onnx"],
    [["IN.pt", "OUT.onnx", "--dtype", "float16"], "OUT: expected a name with .safetensors, with its flags"],
    [["IN.pt", "OUT.safetensors", "--stateful"], "OUT: expected a name with .onnx, with its flags"],
    [["IN.pt", "OUT.safetensors", "--dtype", "int4"], "--dtype: expected one of float32, float16, int8"],
    [["IN.pt", "OUT.safetensors", "--weight-only"], "did you mean --weights-only?"],
  ])("%s: wrong usage", async (args, reason) => {
    const { code, stderr } = await lstmWasm(["convert", ...args], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });

  test("reads no link to elsewhere for a file that lies beside", async () => {
    symlinkSync("/dev/zero", out("vocab.json"));
    const manifest = out("manifest.json");
    symlinkSync(fixture("ml5/manifest.json"), manifest);
    const { code, stderr } = await lstmWasm(["convert", manifest, out("linked.safetensors")]);
    expect(code).toBe(1);
    expect(stderr).toContain("cannot be read");
  });
});
