import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { ROOT } from "../root.js";

/** Headers that let a page share memory between threads. */
export const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export interface SiteOptions {
  /** Files of the site's own, by their paths: `{ "/": "<!doctype html>…" }`. */
  readonly files?: Readonly<Record<string, string>>;
  /** A folder to serve. Default: this package's dist/ and build/. */
  readonly folder?: string;
  /** The path of all files, between slashes. Default `/`. */
  readonly prefix?: string;
  /** Headers of every response, such as {@link ISOLATION}. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Content types in place of the usual ones: `{ ".wasm": "text/plain" }`. */
  readonly types?: Readonly<Record<string, string>>;
  /** Receives the text of a POST request to any path. */
  readonly receive?: (text: string) => void;
}

export interface Site extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, which browsers consider secure. */
  readonly origin: string;
  /** The paths requested so far. */
  readonly requests: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = {
  "": "text/html; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
const PUBLISHED = /^\/(dist|build)\//;

/** Serves files to this machine only, until disposed. */
export async function serve(options: SiteOptions = {}): Promise<Site> {
  const { files = {}, folder, prefix = "/", headers = {}, types = {}, receive } = options;
  const isServed = (path: string) => folder !== undefined || PUBLISHED.test(path);
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    // URL has resolved all dots, so the path stays in the folder.
    const { pathname: requested } = new URL(request.url ?? "/", "http://127.0.0.1");
    requests.push(requested);
    if (request.method === "POST" && receive) {
      receive(Buffer.concat(await request.toArray()).toString());
      response.writeHead(204).end();
      return;
    }
    const path = requested.startsWith(prefix) ? requested.slice(prefix.length - 1) : "";
    const pathname = folder !== undefined && path.endsWith("/") ? `${path}index.html` : path;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader("Cache-Control", "no-store");
    try {
      const contents =
        files[pathname] ?? (isServed(pathname) ? await readFile(join(folder ?? ROOT, decodeURI(pathname))) : null);
      if (contents === null) throw new Error("not served");
      const type = extname(pathname);
      response.setHeader("Content-Type", types[type] ?? TYPES[type] ?? "application/octet-stream");
      response.end(contents);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
