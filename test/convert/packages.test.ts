import { expect, test } from "vitest";
import { LstmError } from "../../src/index.js";
import { MissingPackageError, need } from "../internals/convert.js";

test("where a package is missing, its name and what needs it are said", async () => {
  const absent = "a-package-that-is-not-there";
  const error = await need(absent, "reading it", () => import(/* @vite-ignore */ absent)).catch((error) => error);
  expect(error).toBeInstanceOf(MissingPackageError);
  expect(error).toBeInstanceOf(LstmError);
  expect(error).toMatchObject({
    packageName: absent,
    message: `reading it needs the package ${absent}: npm install ${absent}`,
  });
});

test("all packages that a file needs are named at once", async () => {
  const absent = "a-package-that-is-not-there";
  const error = await need(absent, "reading it", () => import(/* @vite-ignore */ absent), ["b"]).catch(
    (error) => error,
  );
  expect(error.message).toBe(`reading it needs the packages ${absent} and b: npm install ${absent} b`);
});
