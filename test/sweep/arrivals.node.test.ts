import { expect, test } from "vitest";
import { Arrivals } from "../internals/sweep.js";

test("outcomes are taken as they come, each once, failures too", async () => {
  const arrivals = new Arrivals<number>();
  expect(arrivals.drain()).toEqual([]);
  arrivals.add(Promise.resolve(1));
  arrivals.add(Promise.reject(new Error("two")));
  let resolve: (value: number) => void = () => {};
  arrivals.add(
    new Promise((done) => {
      resolve = done;
    }),
  );
  const first = [...(await arrivals.take()), ...arrivals.drain()];
  expect(first.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  const next = arrivals.take();
  resolve(3);
  expect(await next).toEqual([{ status: "fulfilled", value: 3 }]);
});
