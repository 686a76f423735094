import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

/** The folder under which the page is served: it has to work from any. */
const FOLDER = "/some/where/";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export const STRICT_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; " +
  "connect-src 'self'; img-src 'self' data:";

export interface ServerOptions {
  /** Whether the page may share memory between threads. Default true. */
  readonly isolated?: boolean;
  /** A Content-Security-Policy. Default: none. */
  readonly policy?: string;
  /** Whether .wasm files have their type, or that of any bytes. Default true. */
  readonly wasmType?: boolean;
}

/** A server of static files. */
export interface Server {
  /** The page's address. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a folder's files on this machine alone, at a port that is free. */
export async function serve(root: string, options: ServerOptions = {}): Promise<Server> {
  const { isolated = true, policy, wasmType = true } = options;
  const server = createServer(async (request, response) => {
    const path = new URL(request.url!, "http://localhost").pathname;
    const name = path === FOLDER ? "index.html" : normalize(path.slice(FOLDER.length));
    const type = extname(name) === ".wasm" && !wasmType ? undefined : TYPES[extname(name)];
    try {
      if (!path.startsWith(FOLDER) || name.startsWith("..")) throw new Error("outside");
      const bytes = await readFile(join(root, name));
      response.writeHead(200, {
        "Content-Type": type ?? "application/octet-stream",
        ...(isolated ? ISOLATION : {}),
        ...(policy ? { "Content-Security-Policy": policy } : {}),
      });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${FOLDER}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
