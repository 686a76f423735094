import { type Duty, serve } from "../threads/serve.js";

addEventListener("message", ({ data }: MessageEvent<Duty>) => serve(data, () => postMessage("ready")), { once: true });
