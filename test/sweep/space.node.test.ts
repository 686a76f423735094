import { describe, expect, test } from "vitest";
import { FLAGS, flagName } from "../internals/cli.js";
import { drawTrials, readSpace, VARIABLE } from "../internals/sweep.js";

const draw = (vary: Record<string, string>, sampler: "grid" | "random", trials?: number, seed = 1) =>
  drawTrials(readSpace(vary), { sampler, seed, trials }, {});

test("every option that may differ between trials has a flag of train", () => {
  for (const [option, { default: usual }] of Object.entries(VARIABLE))
    expect(FLAGS[flagName(usual === true ? `no-${option}` : option)], option).toBeDefined();
});

describe("what differs between trials", () => {
  test.each([
    [{}, "at least one option"],
    [{ "hiden-size": "8" }, "did you mean hidden-size?"],
    [{ text: "a,b" }, "text is no option of train that can differ"],
    [{ "validation-fraction": "0.1,0.2" }, "no option of train that can differ"],
    [{ "hidden-size": "8,many" }, 'hidden-size: expected an integer from 1 to 8192, got "many"'],
    [{ "hidden-size": "8,,16" }, 'got ""'],
    [{ "hidden-size": "0:8" }, "expected an integer from 1 to 8192, got 0"],
    [{ dropout: "0.5:0.1" }, "from less to more"],
    [{ dropout: "0:0.5:log" }, "above 0, for its logarithm"],
    [{ dropout: "0:0.5:linear" }, "expected a range of dropout"],
    [{ optimizer: "adam,sdg" }, "optimizer"],
    [{ hiddenSize: "8", "hidden-size": "16" }, "given twice"],
  ])("%j is refused", (vary, why) => {
    expect(() => readSpace(vary as Record<string, string>)).toThrow(why);
  });

  test("is refused with its terminal commands shown, not carried out", () => {
    expect(() => readSpace({ "\x1b[2J": "1" })).toThrow("\\u001b[2J");
  });
});

describe("trials at random", () => {
  test("depend on the seed alone, and the first do not depend on how many there are", () => {
    const vary = { "hidden-size": "16:256", dropout: "0:0.5", optimizer: "sgd,adam" };
    const few = draw(vary, "random", 5);
    expect(draw(vary, "random", 50).slice(0, 5)).toEqual(few);
    expect(draw(vary, "random", 5, 2)).not.toEqual(few);
    // From the generator that is defined to the bit: the same on every machine.
    expect(few[0]).toEqual({ hiddenSize: 153, dropout: 0.377, optimizer: "adam" });
  });

  test("are in their range, evenly or by their logarithm", () => {
    const all = draw({ dropout: "0.1:0.5", "learning-rate": "1e-4:1", layers: "1:3" }, "random", 3000);
    const of = (option: string) => all.map((values) => values[option] as number);
    const share = (values: number[], below: number) => values.filter((value) => value < below).length / values.length;
    for (const dropout of of("dropout")) expect(dropout >= 0.1 && dropout <= 0.5).toBe(true);
    for (const rate of of("learningRate")) expect(rate >= 1e-4 && rate <= 1).toBe(true);
    expect(share(of("dropout"), 0.3)).toBeCloseTo(0.5, 1);
    expect(share(of("learningRate"), 1e-2)).toBeCloseTo(0.5, 1);
    for (const layers of [1, 2, 3])
      expect(of("layers").filter((value) => value === layers).length / 3000).toBeCloseTo(1 / 3, 1);
    const uniform = draw({ "learning-rate": "1e-4:1:uniform" }, "random", 1000);
    expect(
      share(
        uniform.map(({ learningRate }) => learningRate as number),
        0.5,
      ),
    ).toBeCloseTo(0.5, 1);
  });

  test("have no value for an option that the others make ineffective", () => {
    const all = draw({ optimizer: "sgd,adam", momentum: "0.1:0.9" }, "random", 40);
    for (const { optimizer, momentum } of all) expect(momentum === undefined).toBe(optimizer === "adam");
  });
});

describe("a grid", () => {
  test("has all combinations, of which the last option varies fastest", () => {
    expect(draw({ "hidden-size": "8,16", dropout: "0,0.5" }, "grid")).toEqual([
      { hiddenSize: 8, dropout: 0 },
      { hiddenSize: 8, dropout: 0.5 },
      { hiddenSize: 16, dropout: 0 },
      { hiddenSize: 16, dropout: 0.5 },
    ]);
  });

  test("has no combination twice where an option has no effect", () => {
    expect(draw({ optimizer: "sgd,adam", momentum: "0.5,0.9" }, "grid")).toHaveLength(3);
  });

  test("has as many values of a range as there is room for", () => {
    const all = draw({ "hidden-size": "64,128,256", dropout: "0:0.5" }, "grid", 30);
    expect(all).toHaveLength(30);
    expect([...new Set(all.map(({ dropout }) => dropout))].slice(0, 3)).toEqual([0, 0.05556, 0.1111]);
    const rates = draw({ "learning-rate": "1e-4:1e-2" }, "grid", 3);
    expect(rates.map(({ learningRate }) => learningRate)).toEqual([1e-4, 1e-3, 1e-2]);
  });

  test("is refused with fewer trials than combinations", () => {
    expect(() => draw({ layers: "1,2,3", dropout: "0,0.5" }, "grid", 5)).toThrow("at least 6");
    expect(draw({ "hidden-size": Array.from({ length: 40 }, (_, i) => i + 1).join() }, "grid")).toHaveLength(40);
  });
});
