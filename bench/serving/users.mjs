// Users of the server, as a process of their own: each takes a step ten times a second, but not before the last one is answered.
// A step that is refused is repeated a tenth of a second later, whatever Retry-After says.
// usage: node users.mjs URL MODEL USERS PER_REQUEST SECONDS, which prints what they saw as JSON. Of PER_REQUEST users, a gateway
// sends the steps in one request.
import { readFileSync } from "node:fs";
import autocannon from "autocannon";
import { load } from "../../dist/bundle/node.js";
import { createStream } from "../../dist/bundle/stream.js";

/** Milliseconds between two steps of a user. */
const INTERVAL = 100;
/** Seconds at the beginning that do not count, and at the end to answer what is open. */
const WARM_UP = 2;
const REST = 2;
/** Sessions that are compared with streams of their own. */
const COMPARED = 50;

const [url, file] = process.argv.slice(2);
const [count, perRequest, seconds] = process.argv.slice(4).map(Number);
const byGateways = perRequest > 1;

const { tokens } = await (await fetch(`${url}/model`)).json();
const users = [];
for (let i = 0; i < count; i++) {
  const { session } = await (await fetch(`${url}/sessions`, { method: "POST" })).json();
  users.push({ session, input: (7 * i) % tokens.length, steps: 0 });
}
/** The users of each connection. */
const connections = Array.from({ length: Math.ceil(count / perRequest) }, (_, i) =>
  users.slice(i * perRequest, (i + 1) * perRequest),
);

/** What a connection sends, again and again. */
function requestOf(group) {
  const [{ session, input }] = group;
  const body = byGateways ? { steps: group.map(({ session, input }) => ({ session, input })) } : { input };
  return { method: "POST", path: byGateways ? "/steps" : `/sessions/${session}/steps`, body: JSON.stringify(body) };
}

/** How many steps had each status, and the milliseconds of those that were taken. */
const statuses = {};
const times = [];
const start = performance.now();
const end = start + 1000 * (WARM_UP + seconds);

function answered(user, status, time) {
  if (status === 200) user.steps++;
  const now = performance.now();
  if (now < start + 1000 * WARM_UP || now > end) return;
  statuses[status] = (statuses[status] ?? 0) + 1;
  if (status === 200) times.push(time);
}

let connected = 0;
const { errors } = await autocannon({
  url,
  connections: connections.length,
  duration: WARM_UP + seconds + REST,
  timeout: 30,
  // Paced below: autocannon would send what is due in a second in a row.
  connectionRate: 1,
  ignoreCoordinatedOmission: true,
  setupClient: (client) => {
    const group = connections[connected++];
    client.setRequests([requestOf(group)]);
    let text = "";
    if (byGateways)
      client.on("body", (piece) => {
        text += piece;
      });
    client.on("response", (status, _, time) => {
      if (!byGateways) return answered(group[0], status, time);
      const { steps = group.map(() => ({ status })) } = JSON.parse(text);
      text = "";
      for (const [i, { status = 200 }] of steps.entries()) answered(group[i], status, time);
    });
    const allowOne = () => {
      if (performance.now() > end) return;
      client.reqsMadeThisSecond = 0;
      if (client.paused) client._doRequest();
      client.paused = false;
    };
    setTimeout(() => {
      clearInterval(client.rateInterval);
      client.rateInterval = setInterval(allowOne, INTERVAL);
    }, INTERVAL * Math.random());
  },
});

/** Takes one more step of a session. Where nothing was lost, it is the one that follows on what was answered. */
async function isAsAlone(model, { session, input, steps }) {
  const body = JSON.stringify({ input, step: steps });
  const response = await fetch(`${url}/sessions/${session}/steps`, { method: "POST", body });
  const { outputs } = await response.json();
  const stream = createStream(model);
  for (let i = 0; i < steps; i++) stream.step(input);
  return JSON.stringify(outputs) === JSON.stringify([...stream.step(input)]);
}

const model = await load(readFileSync(file));
const compared = users.filter((_, i) => i % Math.ceil(count / COMPARED) === 0);
let right = 0;
for (const user of compared) if (await isAsAlone(model, user)) right++;

times.sort((a, b) => a - b);
const percentile = (p) => times[Math.min(times.length - 1, Math.floor(p * times.length))];
const stepsPerSecond = times.length / seconds;
const [p50, p99] = [percentile(0.5), percentile(0.99)];
console.log(JSON.stringify({ statuses, errors, stepsPerSecond, p50, p99, right, compared: compared.length }));
// autocannon's connections may still be open.
process.exit();
