import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
// @ts-expect-error Scripts have no types.
import { addressFields, withAddress } from "../../scripts/release/address.mjs";
// @ts-expect-error
import { entriesOf, released } from "../../scripts/release/changelog.mjs";
// @ts-expect-error
import { refusals } from "../../scripts/release/refusals.mjs";

const CHANGELOG = "# Changelog\n\n## Unreleased\n\n- New.\n\n## 0.1.0 - 2026-01-02\n\n- Old.\n";

describe("the changelog", () => {
  test("has the entries of each version", () => {
    expect(entriesOf(CHANGELOG, "Unreleased")).toBe("- New.");
    expect(entriesOf(CHANGELOG, "0.1.0")).toBe("- Old.");
    expect(entriesOf(CHANGELOG, "0.2.0")).toBeUndefined();
  });

  test("keeps an empty section above the released one", () => {
    const text = released(CHANGELOG, "0.2.0", "2026-02-03");
    expect(entriesOf(text, "Unreleased")).toBe("");
    expect(entriesOf(text, "0.2.0")).toBe("- New.");
    expect(text).toContain("\n## 0.2.0 - 2026-02-03\n");
    expect(() => released("# Changelog\n", "0.2.0", "2026-02-03")).toThrow("Unreleased");
  });
});

describe("the repository's address", () => {
  test("gives all three fields", () => {
    const fields = {
      homepage: "https://github.com/some/one#readme",
      bugs: { url: "https://github.com/some/one/issues" },
      repository: { type: "git", url: "git+https://github.com/some/one.git" },
    };
    for (const url of [
      "https://github.com/some/one",
      "git+https://github.com/some/one.git",
      "https://github.com/some/one/",
    ])
      expect(addressFields(url)).toEqual(fields);
    expect(() => addressFields("github")).toThrow("expected an address");
    const text = withAddress('{ "name": "x", "license": "MIT", "type": "module" }', "https://github.com/some/one");
    expect(Object.keys(JSON.parse(text))).toEqual(["name", "license", "homepage", "bugs", "repository", "type"]);
  });
});

describe("a release", () => {
  let [template, root] = ["", ""];
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@example.org", ...args], {
      cwd: root,
      encoding: "utf8",
    });
  const write = (name: string, text: string) => writeFileSync(join(root, name), text);

  const temporary = () => mkdtempSync(join(tmpdir(), "lstm-wasm-release-"));

  beforeAll(() => {
    template = root = temporary();
    git("init", "--quiet", "--initial-branch", "main");
    write("CHANGELOG.md", CHANGELOG);
    write("package.json", withAddress('{ "name": "x", "license": "MIT" }', "https://github.com/some/one"));
    mkdirSync(join(root, "test", "fixtures", "released", "0.1.0"), { recursive: true });
    write(join("test", "fixtures", "released", "0.1.0", "text.safetensors"), "x");
    git("add", ".");
    git("commit", "--quiet", "-m", "All");
    git("tag", "v0.1.0");
  });
  beforeEach(() => {
    root = temporary();
    cpSync(template, root, { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));
  afterAll(() => rmSync(template, { recursive: true }));

  test("is possible from a clean checkout of main", () => {
    expect(refusals(root, "0.2.0")).toEqual([]);
    expect(refusals(root, "0.10.0-rc.1")).toEqual([]);
  });

  test.each<[string, string, () => void, string]>([
    ["without a version", "next", () => {}, "a version is three numbers"],
    ["of a version that is out", "0.1.0", () => {}, "v0.1.0 is released"],
    ["below the last one", "0.0.9", () => {}, "0.0.9 is not above the last release, 0.1.0"],
    ["of a suffix below the last one", "0.1.0-rc.1", () => {}, "0.1.0-rc.1 is not above the last release"],
    ["with changes at hand", "0.2.0", () => write("note.txt", ""), "the checkout is not clean"],
    ["on another branch", "0.2.0", () => git("switch", "--quiet", "-c", "side"), "releases are made on main"],
    ["with nothing new", "0.2.0", () => write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n"), "lists nothing"],
    ["of a project without an address", "0.2.0", () => write("package.json", '{ "name": "x" }'), "--repository"],
    ["without the checkpoints of one before", "0.2.0", () => git("tag", "v0.1.1"), "released/0.1.1 is missing"],
  ])("is refused %s", (_, version, change, reason) => {
    change();
    const reasons = (refusals(root, version) as string[]).map((text) => text.replaceAll("\\", "/"));
    expect(reasons).toContainEqual(expect.stringContaining(reason));
  });

  test("is made by scripts that run in a folder behind a link, too", () => {
    const link = join(root, "link");
    symlinkSync(fileURLToPath(new URL("../..", import.meta.url)), link, "junction");
    const script = join(link, "scripts", "release", "fixtures.mjs");
    const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
    expect([status, stderr]).toEqual([1, expect.stringContaining("usage: node scripts/release/fixtures.mjs VERSION")]);
  });

  test("lists versions of this repository's changelog in its own format", () => {
    expect(entriesOf(readFileSync(new URL("../../CHANGELOG.md", import.meta.url), "utf8"), "Unreleased")).toBeDefined();
  });
});
