/** The bytes of a file in `fixtures/`, on any host. */
export async function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const here = import.meta.url;
  const url = new URL(`fixtures/${name}`, here);
  if (url.protocol === "file:") return new Uint8Array(await (await import("node:fs/promises")).readFile(url));
  // Not by fetch: Vite takes a file without an extension for a script.
  const { commands } = await import("vitest/browser");
  const base64 = await commands.readFile(`test/fixtures/${name}`, "base64");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** What a JSON file in `fixtures/` holds. */
export async function jsonFixture<T>(name: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await fixture(name))) as T;
}

/** Where some bytes first stand among others, or −1. */
export function indexOf(bytes: Uint8Array, part: ArrayLike<number>): number {
  return bytes.findIndex((_, at) => at + part.length <= bytes.length && matches(bytes, at, part));
}

function matches(bytes: Uint8Array, at: number, part: ArrayLike<number>): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}
