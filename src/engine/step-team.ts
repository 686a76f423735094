import { availableThreads } from "#platform";
import type { PassPlan } from "../network/plan.js";
import { planSharedStep, SharedStep, WORD_STRIDE } from "../network/shared-step.js";
import type { Engine } from "./engine.js";
import { Meeting } from "./meeting.js";
import { packedRowWeights } from "./packed-weights.js";
import { startWorkers } from "./start-workers.js";
import type { WorkerPool } from "./worker-pool.js";

// Fetched by what generates one text on several threads.

/** Multiplications of a text's steps on one thread that take a few times as long as to start a worker. */
const LEAST_WORK = 2e9;

/** Parameters of a network whose steps are worth sharing, for each thread. */
const STEP_PARAMETERS = 4e5;

/**
 * The number of threads on this host that speed up the steps of a single sequence.
 *
 * @param steps of it
 */
export const usefulStepThreads = (steps: number, { table }: { table: { length: number } }): number =>
  table.length * steps < LEAST_WORK
    ? 1
    : Math.max(1, Math.min(availableThreads(), Math.floor(table.length / STEP_PARAMETERS)));

/** The teams of each pool, by their number of threads. */
const teams = new WeakMap<WorkerPool, Map<number, StepTeam>>();

/**
 * Threads that compute the steps of single sequences together, where that pays. Their memory is taken until the model is freed.
 *
 * @param steps about so many
 * @param wanted threads that were asked for; 0 takes as many as are useful
 * @param work what runs on one thread where no worker can be started
 * @param patience milliseconds to wait for the others: where they do not come, their processors are busy
 */
export async function stepTeamOf(
  engine: Engine,
  steps: number,
  wanted: number,
  work: string,
  patience = 1,
): Promise<StepTeam | undefined> {
  const threads = wanted || (engine.isShared ? usefulStepThreads(steps, engine) : 1);
  if (threads === 1) return undefined;
  const pool = await startWorkers(engine, threads - 1, work, "steps");
  if (!pool) return undefined;
  const ofPool = teams.get(pool) ?? new Map<number, StepTeam>();
  teams.set(pool, ofPool);
  let team = ofPool.get(threads);
  if (!team) {
    team = createTeam(engine, pool, threads, patience);
    ofPool.set(threads, team);
  }
  return team;
}

/** In memory of its own: workers of a pool that has failed may still write into theirs. */
function createTeam(engine: Engine, pool: WorkerPool, threads: number, patience: number): StepTeam {
  const { network, instance } = engine;
  const planStep = (address: number) => engine.planAt(address, 1, 1, { outputRows: 1 });
  const planAt = (address: number) => planSharedStep(network, planStep, threads, address);
  const address = engine.takeRegion(planAt(0).end + WORD_STRIDE).start;
  const plan = planAt(address);
  engine.integers.fill(0, plan.words / 4, plan.pass.start / 4);
  const step = new SharedStep(network, plan, 0);
  const meeting = new Meeting(instance.memory.buffer, plan.words, threads, 0, patience);
  return new StepTeam(engine, pool, threads, address, plan.pass, step, meeting);
}

/** The states of a sequence, which their owner keeps. */
interface CarriedSteps {
  /** Copies them into a plan, and out of it after the step. */
  load(plan: PassPlan): void;
  keep(plan: PassPlan): void;
}

/** Steps that follow one another within so many milliseconds are worth calling the others for. */
const RAPID = 0.1;
/** How long it does without the others once they did not come, in milliseconds: twice as long each time, unless they came often. */
const LEAST_PAUSE = 2;
const MOST_PAUSE = 1000;
/** So many shared steps are worth the wait for the others that ends them. */
const GOOD_STEPS = 32;

/**
 * Threads that compute each step of a single sequence together. The others are called where steps follow one another, and spin in
 * between; where they come too late, this thread goes on alone. A step that fails is as if it had not begun.
 */
export class StepTeam {
  private isCalled = false;
  private lastEnd = Number.NEGATIVE_INFINITY;
  private notBefore = 0;
  private pause = LEAST_PAUSE;
  private good = 0;

  constructor(
    private readonly engine: Engine,
    readonly pool: WorkerPool,
    private readonly threads: number,
    /** The address that the others plan the step from. */
    readonly address: number,
    /** The pass of a step: its initial states are to be written before {@link run}. */
    readonly pass: PassPlan,
    private readonly shared: SharedStep,
    private readonly meeting: Meeting,
  ) {}

  /**
   * Reads a token, from states and to those after it.
   *
   * @returns the plan with the logits; undefined where the others are not there: then nothing has been read
   */
  step(states: CarriedSteps, token: number): PassPlan | undefined {
    const { pass } = this;
    if (!this.gather()) return undefined;
    states.load(pass);
    if (!this.run(token)) return undefined;
    states.keep(pass);
    return pass;
  }

  /** Whether the others are here. If not, and steps follow one another, they are told to come. */
  gather(): boolean {
    const { pool, threads, meeting, address } = this;
    if (pool.failed) return false;
    if (this.isCalled && meeting.areAllWaiting) return true;
    const now = performance.now();
    const isWorthIt = now - this.lastEnd < RAPID && now >= this.notBefore;
    if (!isWorthIt || !pool.isIdle) return false;
    for (let thread = 1; thread < threads; thread++) pool.submit(thread - 1, [{ shared: address, thread, threads }]);
    this.isCalled = true;
    return false;
  }

  /**
   * Computes a step.
   *
   * @returns false where the others were too late: then nothing has been computed
   */
  run(token: number): boolean {
    const { engine, meeting, shared } = this;
    const packed = packedRowWeights(engine);
    const { region, order, weights } = engine.packed ?? {};
    meeting.call(token, packed && region ? region.start : 0, order !== undefined && order === weights?.forRows);
    if (shared.run(token, packed, meeting.meet)) {
      this.good++;
      return true;
    }
    meeting.dismiss();
    this.isCalled = false;
    this.pause = this.good < GOOD_STEPS ? Math.min(MOST_PAUSE, 2 * this.pause) : LEAST_PAUSE;
    this.notBefore = performance.now() + this.pause;
    this.good = 0;
    return false;
  }

  /** Notes that a step has ended, whoever computed it. */
  end(): void {
    this.lastEnd = performance.now();
  }
}
