// Preloaded into a process: ends its second worker after a while.
let started = 0;
process.on("worker", (worker) => {
  if (++started === 2) setTimeout(() => worker.terminate(), 500);
});
