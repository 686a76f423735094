import { expect, test } from "vitest";
import { BoundedCache } from "../internals/common.js";

const fail = () => {
  throw new Error("it is there already");
};

test("a cached value is not recomputed", () => {
  const cache = new BoundedCache<number | undefined>();
  expect(cache.get("a", () => 1)).toBe(1);
  expect(cache.get("a", fail)).toBe(1);
  expect(cache.get("nothing", () => undefined)).toBe(undefined);
  expect(cache.get("nothing", fail)).toBe(undefined);
});

test("the least recently used value is evicted first", () => {
  const cache = new BoundedCache<string>(3);
  for (const key of ["a", "b", "c", "a", "d"]) cache.get(key, () => key);
  expect(cache.size).toBe(3);
  for (const key of ["c", "a", "d"]) expect(cache.get(key, fail)).toBe(key);
  expect(cache.get("b", () => "anew")).toBe("anew");
});

test("it never exceeds its limit, whatever the number of keys", () => {
  const cache = new BoundedCache<number>();
  for (let i = 0; i < 1000; i++) cache.get(`${i}`, () => i);
  expect(cache.size).toBe(16);
  cache.clear();
  expect(cache.size).toBe(0);
});

test("a failed computation is not cached", () => {
  const cache = new BoundedCache<number>(1);
  cache.get("a", () => 1);
  expect(() => cache.get("b", fail)).toThrow();
  expect(cache.get("a", fail)).toBe(1);
});
