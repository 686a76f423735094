/** As much of BullMQ 6 as is used. Only those who use a queue install it. */
declare module "bullmq" {
  import type { Redis } from "ioredis";

  export interface Job<Data = unknown, Returned = unknown> {
    readonly id?: string;
    readonly data: Data;
    /** When it ended. */
    readonly finishedOn?: number;
    /** Of the last attempt that failed. */
    readonly failedReason?: string;
    /** Attempts that failed. */
    readonly attemptsMade: number;
    /** Null until there is one. */
    readonly returnvalue: Returned | null;
    remove(): Promise<void>;
    /** Gives a job back that this worker holds by its token. */
    moveToWait(token?: string): Promise<number>;
  }

  interface BaseOptions {
    readonly connection: Redis;
    readonly prefix?: string;
  }

  export interface Closable {
    on(event: "error", listener: (error: Error) => void): this;
    /** @param force does not wait for the jobs at work, of a worker, nor for Redis */
    close(force?: boolean): Promise<void>;
    /** Lets go of its connections at once. */
    disconnect(): Promise<void>;
  }

  export interface JobOptions {
    readonly jobId: string;
    /** Lower comes first. */
    readonly priority?: number;
    readonly attempts?: number;
    /** Milliseconds until the next attempt. */
    readonly backoff?: number;
    /** How many errors with their stacks are kept. */
    readonly stackTraceLimit?: number;
    /** Seconds for which a result is kept. */
    readonly removeOnComplete?: { readonly age: number };
  }

  export class Queue<Data = unknown, Returned = unknown> implements Closable {
    constructor(name: string, options: BaseOptions);
    /** Does nothing if there is a job with this id. */
    add(name: string, data: Data, options: JobOptions): Promise<Job<Data, Returned>>;
    getJob(id: string): Promise<Job<Data, Returned> | undefined>;
    /** Those that workers have. */
    getActive(): Promise<(Job<Data, Returned> | undefined)[]>;
    on(event: "error", listener: (error: Error) => void): this;
    close(): Promise<void>;
    disconnect(): Promise<void>;
  }

  export interface WorkerOptions extends BaseOptions {
    readonly concurrency?: number;
    /** Milliseconds for which a job is held, unless that is renewed: at half of them. */
    readonly lockDuration?: number;
    readonly stalledInterval?: number;
    readonly maxStalledCount?: number;
  }

  export class Worker<Data = unknown, Returned = unknown> implements Closable {
    constructor(
      name: string,
      processor: (job: Job<Data, Returned>, token?: string) => Promise<Returned>,
      options: WorkerOptions,
    );
    on(event: "error", listener: (error: Error) => void): this;
    close(force?: boolean): Promise<void>;
    disconnect(): Promise<void>;
  }

  /** Says that a job was given back. */
  export class WaitingError extends Error {}
}

declare module "ioredis" {
  export interface RedisOptions {
    readonly maxRetriesPerRequest?: number | null;
    readonly lazyConnect?: boolean;
    readonly connectTimeout?: number;
    /** Milliseconds until it is tried again. */
    readonly retryStrategy?: (times: number) => number | null;
  }

  export class Redis {
    constructor(url: string, options: RedisOptions);
    /** "ready" while commands are answered. */
    readonly status: string;
    connect(): Promise<void>;
    on(event: "error", listener: (error: Error) => void): this;
    disconnect(): void;
  }
}
