import { afterEach, expect, test, vi } from "vitest";
import { nextTask } from "../internals/common.js";

// Pages have no setImmediate.

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("tasks of a page share one channel, in their order, which is closed once there are no more", async () => {
  // In a page, the tests before this one may have left a channel open, which is closed after two seconds.
  if (typeof setImmediate !== "function") await new Promise((resolve) => setTimeout(resolve, 2200));
  let [opened, closed] = [0, 0];
  class Counted extends MessageChannel {
    constructor() {
      super();
      opened++;
      const close = this.port1.close.bind(this.port1);
      this.port1.close = () => {
        closed++;
        close();
      };
    }
  }
  vi.stubGlobal("setImmediate", undefined);
  vi.stubGlobal("MessageChannel", Counted);
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((i) => nextTask().then(() => order.push(i))));
  expect(order).toEqual([1, 2, 3]);
  for (let i = 0; i < 200; i++) await nextTask();
  vi.advanceTimersByTime(1000);
  expect([opened, closed]).toEqual([1, 0]);
  vi.advanceTimersByTime(1000);
  expect([opened, closed]).toEqual([1, 1]);
  // Another begins anew.
  await nextTask();
  vi.advanceTimersByTime(3000);
  expect([opened, closed]).toEqual([2, 2]);
});

test("a task comes after those that wait already", async () => {
  const order: string[] = [];
  setTimeout(() => order.push("timer"), 0);
  const end = performance.now() + 30;
  while (performance.now() < end) await nextTask();
  expect(order).toEqual(["timer"]);
});
