// Keeps the page working without a network. The build puts in the version and the files: `{ version, core, later }`.
// A new version is fetched whole beside the old one, and replaces it when no tab has the old one open.

const { version, core, later } = __PAGE__;
const PREFIX = "lstm-wasm ";
const CACHE = PREFIX + version;
const addressOf = (name) => new URL(name, registration.scope).href;
const KNOWN = new Set([...core, ...later].map(addressOf));

addEventListener("install", (event) => {
  // Past the browser's own cache, which may have a file of another version. All files or none.
  const fetching = core.map((name) => new Request(addressOf(name), { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fetching)));
});

addEventListener("activate", (event) => {
  const removeOthers = async () => {
    const names = await caches.keys();
    await Promise.all(
      names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)),
    );
    await clients.claim();
  };
  event.waitUntil(removeOthers());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = request.url.replace(/[?#].*$/, "");
  if (request.method === "GET" && (KNOWN.has(address) || address === registration.scope))
    event.respondWith(answer(request, address));
});

async function answer(request, address) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(address);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(address, response.clone());
  return response;
}
