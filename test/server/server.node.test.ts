import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { characters, createModel, type Model, save } from "../../src/index.js";
import { createStream } from "../../src/stream.js";
import { alone, ask, type Server, startServer, User } from "./serving.js";

// examples/server in this process: sessions side by side, what it refuses, and what it survives.

const servers: Server[] = [];
let [model, bytes]: [Model, Uint8Array] = [undefined!, undefined!];

beforeAll(async () => {
  model = await createModel({ vocabulary: characters("abcdef"), hiddenSize: 12, layers: 2, seed: 1 });
  bytes = await bytesOf(model);
});
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
afterAll(() => model.free());

async function bytesOf(model: Model): Promise<Uint8Array> {
  return new Uint8Array(await save(model));
}

async function serve(options?: object, file = bytes): Promise<Server> {
  const server = await startServer(file, options);
  servers.push(server);
  return server;
}

/** Tokens of the i-th session: more of them the later it is. */
const tokensOf = (i: number) => Array.from({ length: 3 + i }, (_, t) => (5 * i + t * t) % 6);

/** Sessions that take their steps at the same time, each in its own rhythm. */
async function together(server: Server, count: number): Promise<User[]> {
  const users = await Promise.all(Array.from({ length: count }, () => User.of(server)));
  await Promise.all(
    users.map(async (user, i) => {
      for (const token of tokensOf(i)) await user.step(token);
    }),
  );
  return users;
}

function expectAsAlone(users: readonly User[]): void {
  for (const [i, user] of users.entries()) expect(user.outputs).toEqual(alone(model, tokensOf(i)));
}

test("sessions that come and go side by side get what each gets alone", async () => {
  const server = await serve({ workers: 2 });
  expectAsAlone(await together(server, 12));
  const { body } = await ask(`${server.url}/health`);
  expect(body.steps).toBe(12 * 3 + (11 * 12) / 2);
  expect(body.batches).toBeLessThan(body.steps);
});

test("beyond its queue it refuses, and the repeated steps are right", async () => {
  const server = await serve({ queue: 2 });
  const users = await together(server, 12);
  expect(users.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0);
  expectAsAlone(users);
  const refusals = await Promise.all(users.map((user) => user.request(0)));
  const refusal = refusals.find(({ status }) => status === 503)!;
  expect(refusal.headers.get("retry-after")).toBe("1");
  expect(refusal.body).toEqual({ error: "2 steps are open: repeat the request" });
});

test("what killed workers had is computed by others", async () => {
  const server = await serve({ workers: 3 });
  const { workers } = server.sessions.pool;
  const killed = [...workers].slice(0, 2);
  for (const worker of killed) {
    const take = worker.take.bind(worker);
    worker.take = (batch) => {
      take(batch);
      worker.close();
    };
  }
  expectAsAlone(await together(server, 12));
  // Others were started in their place.
  await expect.poll(() => workers.size).toBe(3);
  for (const worker of killed) expect(workers).not.toContain(worker);
});

test("one request can have the steps of many sessions", async () => {
  const server = await serve();
  const users = await Promise.all([1, 2, 3].map(() => User.of(server)));
  const steps = users.map(({ session }, i) => ({ session, input: i, step: 0 }));
  const { status, body } = await ask(`${server.url}/steps`, "POST", {
    steps: [...steps, { session: "none", input: 1 }],
  });
  expect(status).toBe(200);
  expect(body.steps.slice(0, 3)).toEqual(
    users.map(({ session }, i) => ({ session, step: 1, outputs: alone(model, [i])[0] })),
  );
  expect(body.steps[3]).toMatchObject({
    session: "none",
    status: 404,
    error: expect.stringContaining("no such session"),
  });
});

test("a name of a session is a text", async () => {
  const server = await serve();
  const { session } = await User.of(server);
  const steps = [[session], 5, null].map((session) => ({ session, input: 1 }));
  const { body } = await ask(`${server.url}/steps`, "POST", { steps });
  expect(body.steps.map(({ status }: { status: number }) => status)).toEqual([400, 400, 400]);
  expect(body.steps[0].error).toBe("session: expected its name, got an array of 1");
});

test("who hangs up in the middle of a request, or never ends it, disturbs nobody", async () => {
  const server = await serve();
  const user = await User.of(server);
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const { port } = new URL(server.url);
  const request = `POST /sessions/${user.session}/steps HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"in`;
  const sockets = Array.from({ length: 20 }, () => connect(Number(port), "127.0.0.1"));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  for (const socket of sockets) socket.write(request);
  await user.step("a");
  for (const socket of sockets.slice(0, 10)) socket.resetAndDestroy();
  for (const socket of sockets.slice(10)) socket.destroy();
  await user.step("b");
  await expect.poll(async () => (await ask(`${server.url}/health`)).body.open).toBe(0);
  expect(user.outputs).toEqual(alone(model, [0, 1]));
  expect(log).not.toHaveBeenCalled();
  log.mockRestore();
});

test("a session is one sequence of steps, and ends", async () => {
  const server = await serve({ sessions: 1, ttl: 0.15 });
  const user = await User.of(server);
  const full = await ask(`${server.url}/sessions`, "POST");
  expect([full.status, full.body.error]).toEqual([503, "there are 1 sessions: repeat the request"]);
  await user.step("a");
  const path = `${server.url}/sessions/${user.session}`;
  const again = await ask(`${path}/steps`, "POST", { input: "a", step: 0 });
  expect([again.status, again.body]).toEqual([409, { error: "this session has taken 1 steps", step: 1 }]);
  const twice = await Promise.all([1, 2].map((input) => user.request(input)));
  expect(twice.map(({ status }) => status).sort()).toEqual([200, 409]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await user.request("a")).status).toBe(404);
  const next = await User.of(server);
  const ended = `${server.url}/sessions/${next.session}`;
  expect([(await ask(ended, "DELETE")).status, (await ask(ended, "DELETE")).status]).toEqual([204, 404]);
});

describe("what cannot be a step is refused, and the session stays as it is:", () => {
  test("tokens", async () => {
    const server = await serve();
    const user = await User.of(server);
    const path = `${server.url}/sessions/${user.session}/steps`;
    for (const [content, status, error] of [
      [{ input: 6 }, 400, "input: expected a token: its text, or an integer from 0 to 5, got 6"],
      [{ input: "ab" }, 400, 'input: expected the text of one token, got 2 in "ab"'],
      [{ input: "x" }, 400, '"x" (U+0078) at position 0 is not in the vocabulary'],
      [{ input: [1] }, 400, "input: expected a token: its text, or an integer from 0 to 5, got an array of 1"],
      [{}, 400, "input: expected a token: its text, or an integer from 0 to 5, got nothing"],
      [[1], 400, 'the body: expected an object such as {"input":…}'],
      ["{", 400, "the body: expected JSON"],
      [{ input: "a".repeat(2000) }, 413, "the body: expected at most 1024 bytes"],
      [{ input: 1, step: 5 }, 409, "this session has taken 0 steps"],
      [{ input: 1, step: "0" }, 400, 'step: expected the number of steps so far, or nothing, got "0"'],
      [{ input: 1, step: -1 }, 400, "step: expected the number of steps so far, or nothing, got -1"],
    ] as const) {
      const answer = await ask(path, "POST", content);
      expect([answer.status, answer.body.error]).toEqual([status, expect.stringContaining(error)]);
    }
    expect((await ask(path)).headers.get("allow")).toBe("POST");
    expect((await ask(`${server.url}/nothing`)).status).toBe(404);
    await user.step("a");
    expect(user.outputs).toEqual(alone(model, [0]));
  });

  test("vectors, of which one spoils no other", async () => {
    const sensor = await createModel({ inputSize: 2, outputSize: 1, hiddenSize: 4, seed: 1 });
    // What [9, 9] comes to is then beyond float32.
    const stream = createStream(sensor);
    stream.step([9, 9]);
    sensor.setTensor(
      "linear.weight",
      stream.snapshot().h.map((unit) => 3e38 * Math.sign(unit)),
    );
    const server = await serve({}, await bytesOf(sensor));
    const users = await Promise.all([1, 2, 3, 4].map(() => User.of(server)));
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const inputs = [[0.1, 0.2], [0.5], [9, 9], [0, 0.3]];
    const answers = await Promise.all(users.map((user, i) => user.request(inputs[i])));
    log.mockRestore();
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 500, 200]);
    expect(answers[0]!.body.outputs).toEqual(alone(sensor, [inputs[0]!])[0]);
    expect(answers[1]!.body).toEqual({
      error: "input: expected an array of 2 numbers, got an array of 1",
      name: "InputError",
    });
    expect(answers[2]!.body.name).toBe("LstmError");
    expect(answers[3]!.body.outputs).toEqual(alone(sensor, [inputs[3]!])[0]);
    const infinite = await users[1]!.request([1e39, 0]);
    expect(infinite.body.error).toBe("input[0]: expected a finite float32, got 1e+39");
  });
});
