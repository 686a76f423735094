// @ts-expect-error: an example without types
import { startServer as start } from "../../examples/server/server.mjs";
import type { Model } from "../../src/index.js";
import { createStream } from "../../src/stream.js";

/** The parts of the example server that tests touch. */
export interface Server {
  readonly url: string;
  readonly stopped: Promise<void>;
  readonly sessions: { readonly pool: { readonly workers: Set<Worker> } };
  stop(): Promise<void>;
}

/** A thread of the server's. */
export interface Worker {
  take(batch: unknown): void;
  close(): Promise<unknown>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  readonly body: any;
}

/** The example server in this process. */
export const startServer = (model: Uint8Array, options: object = {}): Promise<Server> =>
  start({
    ...{ model, host: "127.0.0.1", port: 0, workers: 1, batch: 4, queue: 100, ttl: 60, sessions: 1000 },
    ...options,
  });

export async function ask(url: string, method = "GET", content?: unknown): Promise<Answer> {
  const body = content === undefined ? null : typeof content === "string" ? content : JSON.stringify(content);
  const response = await fetch(url, { method, body });
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, body: text === "" ? undefined : JSON.parse(text) };
}

/** A user of the server, who repeats what is refused. */
export class User {
  refused = 0;
  readonly outputs: number[][] = [];

  private constructor(
    private url: string,
    readonly session: string,
  ) {}

  static async of({ url }: Server): Promise<User> {
    const { body } = await ask(`${url}/sessions`, "POST");
    return new User(url, body.session);
  }

  /** Goes on with another process. */
  moveTo({ url }: Pick<Server, "url">): void {
    this.url = url;
  }

  async step(input: unknown): Promise<void> {
    for (;;) {
      const { status, body } = await this.request(input);
      if (status === 200) {
        this.outputs.push(body.outputs);
        return;
      }
      if (status !== 503) throw new Error(`${status}: ${body.error}`);
      this.refused++;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  request(input: unknown): Promise<Answer> {
    return ask(`${this.url}/sessions/${this.session}/steps`, "POST", { input, step: this.outputs.length });
  }
}

/** What a session by itself has for these inputs. */
export function alone(model: Model, inputs: readonly (number | readonly number[])[]): number[][] {
  const stream = createStream(model);
  return inputs.map((input) => Array.from(stream.step(input as number)));
}
