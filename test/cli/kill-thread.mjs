// Preloaded into a process: ends its second worker a while after two are ready, for before they would be done without.
let ready = 0;
let second;
process.on("worker", (worker) => {
  second = worker;
  worker.once("message", () => {
    if (++ready === 2) setTimeout(() => second.terminate(), 500);
  });
});
