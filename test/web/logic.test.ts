import { describe, expect, test } from "vitest";
import { headerOf } from "../../web/src/page/csv-columns.js";
import { knownOf, stretchesOf } from "../../web/src/page/ink.js";
import { NOTHING, reduce } from "../../web/src/page/view.js";
import { ago, count, duration, loss } from "../../web/src/page/words.js";
import { LossCurve } from "../../web/src/worker/loss-curve.js";
import { Throttle } from "../../web/src/worker/spacing.js";
import { Mutex } from "../../web/src/worker/turns.js";

describe("LossCurve", () => {
  test("keeps few points of a long run, from the first to the last epoch, with the mean unchanged", () => {
    const curve = new LossCurve(100);
    const losses = Array.from({ length: 12_345 }, (_, i) => 3 * Math.exp(-i / 2000));
    losses.forEach((training, i) => {
      curve.add(i + 1, training, 2 * training);
    });
    const { epochs, training, validation } = curve.decimated();
    expect(epochs.length).toBeLessThanOrEqual(101);
    expect(epochs.length).toBeGreaterThanOrEqual(48);
    expect(epochs.at(-1)).toBe(12_345);
    expect(training[0]).toBeGreaterThan(2.7);
    const widths = epochs.map((epoch, i) => epoch - (epochs[i - 1] ?? 0));
    const sum = training.reduce((total, value, i) => total + value * widths[i]!, 0);
    expect(sum).toBeCloseTo(
      losses.reduce((a, b) => a + b),
      6,
    );
    expect(validation[5]).toBeCloseTo(2 * training[5]!, 12);
  });

  test("keeps a short run as it is", () => {
    const curve = new LossCurve();
    curve.add(1, 3);
    curve.add(2, 2);
    expect(curve.decimated()).toEqual({
      epochs: Float64Array.of(1, 2),
      training: Float64Array.of(3, 2),
      validation: Float64Array.of(Number.NaN, Number.NaN),
    });
  });
});

describe("Spacing", () => {
  test("gives work its share of the time, and no more than the least distance", async () => {
    let now = 0;
    const spacing = new Throttle(0.02, 100, () => now);
    const spend = (cost: number) =>
      spacing.spend(() => {
        now += cost;
      });
    expect(spacing.isDue).toBe(true);
    await spend(1);
    now = 99;
    expect(spacing.isDue).toBe(false);
    now = 100;
    expect(spacing.isDue).toBe(true);
    await spend(20);
    await spend(20);
    now += 20 * 48;
    expect(spacing.isDue).toBe(false);
    now += 20 * 2;
    expect(spacing.isDue).toBe(true);
  });

  test("is not put off for long by one piece that had to wait", async () => {
    let now = 0;
    const spacing = new Throttle(0.02, 100, () => now);
    await spacing.spend(() => {
      now += 500;
    });
    now += 300;
    expect(spacing.isDue).toBe(true);
  });
});

test("Turns run one after the other, also after one that fails", async () => {
  const turns = new Mutex();
  const order: number[] = [];
  const slow = turns.take(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push(1);
    throw new Error("no");
  });
  const quick = turns.take(() => order.push(2));
  await expect(slow).rejects.toThrow("no");
  await quick;
  expect(order).toEqual([1, 2]);
});

test("a sample's words are told from those that the text does not have", () => {
  const known = knownOf("To be, or not to be", "char");
  expect(stretchesOf("to bee, or", known, "char")).toEqual([
    { text: "to ", isKnown: true },
    { text: "bee, ", isKnown: false },
    { text: "or", isKnown: true },
  ]);
  const pairs = knownOf("the cat sat", "word");
  expect(stretchesOf("the cat the sat", pairs, "word").map(({ isKnown }) => isKnown)).toEqual([true, false]);
});

test("samples of a long run stay few, with the newest among them", () => {
  let view = NOTHING;
  for (let epoch = 1; epoch <= 1000; epoch++) view = reduce(view, { type: "sample", sample: { epoch, text: "" } });
  expect(view.samples.length).toBeLessThanOrEqual(64);
  expect(view.samples.at(-1)!.epoch).toBe(1000);
  expect(reduce(view, { type: "phase", phase: "empty" }).samples).toEqual([]);
});

test("a table's header is read, quotes and all", () => {
  expect(headerOf('\ufeffday,"low, high","a ""b"""\r\n1,2,3')).toEqual(["day", "low, high", 'a "b"']);
});

test("figures are told in words", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect(loss(0.00001234)).toBe("1.2e-5");
  expect(duration(0.4)).toBe("under 1 s");
  expect(duration(7200)).toBe("2.0 h");
  expect(ago(120_000)).toBe("2 minutes ago");
});
