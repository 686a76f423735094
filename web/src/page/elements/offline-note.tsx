/// <reference types="vite/client" />
import { useEffect, useState } from "preact/hooks";

/** Keeps the page for visits without a network, and says so. */
export function OfflineNote() {
  const [isKept, setIsKept] = useState(false);
  useEffect(() => {
    const saver = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData;
    if (!import.meta.env.PROD || saver || !navigator.serviceWorker) return;
    // Where it is refused, in a private window or by a setting, the page works as before.
    navigator.serviceWorker
      .register("./service-worker.js")
      .then(() => navigator.serviceWorker.ready)
      .then(() => setIsKept(true))
      .catch(() => {});
  }, []);
  return isKept ? <p>This page works offline from now on. Your browser can install it as an app.</p> : null;
}
