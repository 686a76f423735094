import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Files that are kept once they are used: a play and its model, and the picture for links. */
const LATER = /romeo|page-.*\.png/;

/** Writes the service worker into the built page, and says what it keeps. */
export function serviceWorker(source: string): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    writeBundle({ dir }) {
      const folder = dir!;
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) =>
          join(parentPath, name)
            .slice(folder.length + 1)
            .replaceAll("\\", "/"),
        )
        .filter((name) => name !== "service-worker.js")
        .sort();
      const hash = createHash("sha256");
      for (const name of files) hash.update(name).update(readFileSync(join(folder, name)));
      const core = ["./", ...files.filter((name) => name !== "index.html" && !LATER.test(name))];
      const page = { version: hash.digest("hex").slice(0, 12), core, later: files.filter((name) => LATER.test(name)) };
      const script = readFileSync(source, "utf8").replace("__PAGE__", JSON.stringify(page));
      writeFileSync(join(folder, "service-worker.js"), script);
      console.log(
        `works offline: ${core.length} files at once, ${page.later.length} once used, version ${page.version}`,
      );
    },
  };
}
