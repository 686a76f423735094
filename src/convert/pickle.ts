import { quote } from "../common/show.js";
import { ConversionError } from "./conversion-error.js";

// The part of Python's pickle (Lib/pickletools.py describes it) in which torch.save writes a state_dict. Nothing in it is
// executed: what it calls has to be a name that the host knows, and all else that a pickle may ask for is refused.

/** What a pickle holds: None is null. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | object;

/** A tuple. */
export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** A list, which is filled after it has been made. */
export class PickleList {
  readonly items: PickleValue[] = [];
}

/** A dict, which is filled after it has been made. Keys that are no strings are left out. */
export class PickleDict {
  readonly entries = new Map<string, PickleValue>();
}

/** A class or a function, such as `torch._utils._rebuild_tensor_v2`. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

/** What a pickle may refer to. */
export interface PickleHost {
  /** The names that may be mentioned; what calling one makes, if it may be called. */
  readonly globals: ReadonlyMap<string, ((args: readonly PickleValue[]) => PickleValue) | undefined>;
  /** What a persistent id stands for. */
  persistent(id: PickleValue): PickleValue;
}

/**
 * Reads a pickle, in time linear in its length.
 *
 * @throws ConversionError for one that is damaged, or asks for what no state_dict does
 */
export function readPickle(bytes: Uint8Array, host: PickleHost): PickleValue {
  return new PickleMachine(bytes, host).run();
}

/** Stands on the stack before the items of a tuple, list or dict. */
const MARK = Symbol("mark");

class PickleMachine {
  private position = 0;
  private readonly view: DataView;
  private readonly stack: (PickleValue | typeof MARK)[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly host: PickleHost,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  run(): PickleValue {
    for (;;) {
      const at = this.position;
      const code = this.view.getUint8(this.take(1));
      if (code === STOP) return this.pop();
      const operation = OPERATIONS[code];
      if (!operation) {
        const opcode = `opcode 0x${code.toString(16).padStart(2, "0")}`;
        throw this.error(`${opcode} at byte ${at}, which is in no state_dict: it is damaged, or of something else`);
      }
      operation(this);
    }
  }

  // What the operations are made of.

  push(value: PickleValue | typeof MARK): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) throw this.error(`nothing to take at byte ${this.position}`);
    return value;
  }

  /** Everything above the last mark, which goes too. */
  popToMark(): PickleValue[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw this.error(`no mark before byte ${this.position}`);
    return this.stack.splice(mark).slice(1) as PickleValue[];
  }

  /** The topmost, which stays. */
  top<Kind extends object>(kind: new (...args: never[]) => Kind): Kind {
    const value = this.stack.at(-1);
    if (value instanceof kind) return value;
    throw this.error(
      `something else than a ${kind.name.slice("Pickle".length).toLowerCase()} at byte ${this.position}`,
    );
  }

  memoize(index = this.memo.size): void {
    const value = this.pop();
    this.memo.set(index, value);
    this.push(value);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.error(`nothing remembered as ${index}, at byte ${this.position}`);
    this.push(value);
  }

  setItems(items: readonly PickleValue[]): void {
    const { entries } = this.top(PickleDict);
    for (let i = 0; i + 1 < items.length; i += 2) {
      const key = items[i];
      if (typeof key === "string") entries.set(key, items[i + 1]!);
    }
  }

  global(name: string): void {
    if (!this.host.globals.has(name))
      throw this.error(`it has an object of ${quote(name)}: save the state_dict() alone, in which are only tensors`);
    this.push(new PickleGlobal(name));
  }

  reduce(): void {
    const args = this.pop();
    const called = this.pop();
    const call = called instanceof PickleGlobal ? this.host.globals.get(called.name) : undefined;
    if (!call || !(args instanceof PickleTuple))
      throw this.error(`a call that is not allowed, at byte ${this.position}`);
    this.push(call(args.items));
  }

  persistent(): void {
    this.push(this.host.persistent(this.pop()));
  }

  uint8 = (): number => this.view.getUint8(this.take(1));
  uint16 = (): number => this.view.getUint16(this.take(2), true);
  int32 = (): number => this.view.getInt32(this.take(4), true);
  uint32 = (): number => this.view.getUint32(this.take(4), true);
  /** Big-endian, as no other. */
  float64 = (): number => this.view.getFloat64(this.take(8), false);

  /** An integer of up to 8 bytes, little-endian, in two's complement. */
  long(length: number): number {
    if (length > 8) throw this.error(`an integer of ${length} bytes`);
    const at = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[at + i]!);
    return Number(BigInt.asIntN(8 * length, value));
  }

  text(length: number): string {
    const at = this.take(length);
    return new TextDecoder().decode(new Uint8Array(this.bytes.subarray(at, at + length)));
  }

  line(): string {
    const end = this.bytes.indexOf(LINE_FEED, this.position);
    if (end < 0) throw this.error("it ends within a line");
    const text = this.text(end - this.position);
    this.position++;
    return text;
  }

  skip(length: number): void {
    this.take(length);
  }

  private take(length: number): number {
    const at = this.position;
    if (length > this.bytes.length - at) throw this.error(`it ends where ${length} more bytes are due`);
    this.position += length;
    return at;
  }

  private error(problem: string): ConversionError {
    return new ConversionError("the pickle", problem);
  }
}

const LINE_FEED = 0x0a;
const STOP = 0x2e;

type Operation = (machine: PickleMachine) => void;

const tuple =
  (length: number): Operation =>
  (m) => {
    const items: PickleValue[] = [];
    for (let i = 0; i < length; i++) items.unshift(m.pop());
    m.push(new PickleTuple(items));
  };

/** By opcode; pickletools' names beside them. */
const OPERATIONS: Readonly<Record<number, Operation>> = {
  [0x80]: (m) => m.skip(1), // PROTO
  [0x95]: (m) => m.skip(8), // FRAME
  [0x28]: (m) => m.push(MARK), // MARK
  [0x30]: (m) => void m.pop(), // POP
  [0x4e]: (m) => m.push(null), // NONE
  [0x88]: (m) => m.push(true), // NEWTRUE
  [0x89]: (m) => m.push(false), // NEWFALSE
  [0x4b]: (m) => m.push(m.uint8()), // BININT1
  [0x4d]: (m) => m.push(m.uint16()), // BININT2
  [0x4a]: (m) => m.push(m.int32()), // BININT
  [0x8a]: (m) => m.push(m.long(m.uint8())), // LONG1
  [0x47]: (m) => m.push(m.float64()), // BINFLOAT
  [0x58]: (m) => m.push(m.text(m.uint32())), // BINUNICODE
  [0x8c]: (m) => m.push(m.text(m.uint8())), // SHORT_BINUNICODE
  [0x55]: (m) => m.push(m.text(m.uint8())), // SHORT_BINSTRING
  [0x7d]: (m) => m.push(new PickleDict()), // EMPTY_DICT
  [0x5d]: (m) => m.push(new PickleList()), // EMPTY_LIST
  [0x29]: tuple(0), // EMPTY_TUPLE
  [0x85]: tuple(1), // TUPLE1
  [0x86]: tuple(2), // TUPLE2
  [0x87]: tuple(3), // TUPLE3
  [0x74]: (m) => m.push(new PickleTuple(m.popToMark())), // TUPLE
  // APPEND
  [0x61]: (m) => {
    const item = m.pop();
    m.top(PickleList).items.push(item);
  },
  // APPENDS
  [0x65]: (m) => {
    const items = m.popToMark();
    const list = m.top(PickleList);
    for (const item of items) list.items.push(item);
  },
  // SETITEM
  [0x73]: (m) => {
    const value = m.pop();
    m.setItems([m.pop(), value]);
  },
  [0x75]: (m) => m.setItems(m.popToMark()), // SETITEMS
  [0x71]: (m) => m.memoize(m.uint8()), // BINPUT
  [0x72]: (m) => m.memoize(m.uint32()), // LONG_BINPUT
  [0x94]: (m) => m.memoize(), // MEMOIZE
  [0x68]: (m) => m.recall(m.uint8()), // BINGET
  [0x6a]: (m) => m.recall(m.uint32()), // LONG_BINGET
  [0x63]: (m) => m.global(`${m.line()}.${m.line()}`), // GLOBAL
  // STACK_GLOBAL
  [0x93]: (m) => {
    const name = m.pop();
    m.global(`${String(m.pop())}.${String(name)}`);
  },
  [0x52]: (m) => m.reduce(), // REDUCE
  [0x51]: (m) => m.persistent(), // BINPERSID
  // BUILD sets attributes: those of an OrderedDict are of no use here.
  [0x62]: (m) => {
    m.pop();
    m.top(PickleDict);
  },
};
