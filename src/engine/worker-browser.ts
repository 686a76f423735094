import { type Duty, serve } from "./worker.js";

addEventListener("message", ({ data }: MessageEvent<Duty>) => serve(data, () => postMessage("ready")), { once: true });
addEventListener("messageerror", () => {
  throw new Error("the thread cannot read what it is to do");
});
