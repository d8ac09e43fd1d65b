import { nodeCrypto, syncBuiltins } from "../host.ts";
import type { Callable, Replacement } from "./replace.ts";
import { unwrap } from "./replace.ts";
import type { SourceKind, UnseededSource } from "./source.ts";
import { CRYPTO_SOURCES } from "./source.ts";
import type { Gate } from "./watch.ts";
import { guardAt } from "./watch.ts";
import { unitFloat64 } from "../samplers/uniform.ts";

/** Where the sources of one kind are in this process, and what stands in for them. */
export function replacementsOf(kind: SourceKind, gate: Gate): readonly Replacement[] {
  switch (kind) {
    case "random":
      return [
        {
          source: "Math.random",
          holder: Math,
          key: "random",
          standIn: (native) => remember(gate, "Math.random", native, randomStandIn),
        },
      ];
    case "crypto":
      return CRYPTO_SOURCES.map((source) => cryptoReplacement(source, gate));
    case "clock":
      return clockReplacements(gate);
  }
}

/** Passes changes of one kind on to modules that import the functions by name. */
export function publish(kind: SourceKind): void {
  if (kind !== "random") syncBuiltins();
}

/** Written out, and not by {@link callStandIn}: programs call it millions of times. */
function randomStandIn(native: Callable, gate: Gate): Callable {
  const random = (): unknown => {
    const guard = guardAt(gate);
    if (guard === undefined) return native();
    if (guard.stream !== undefined) return unitFloat64(guard.stream);
    guard.note("Math.random", random);
    return native();
  };
  return random;
}

function cryptoReplacement(source: UnseededSource, gate: Gate): Replacement {
  const key = source.slice(source.lastIndexOf(".") + 1);
  return { source, holder: cryptoHolder(source), key, standIn: callStandIn(source, gate) };
}

/** The engine's own Web Crypto is what counts: the global may be a polyfill that draws from somewhere else. */
function cryptoHolder(source: UnseededSource): object {
  const module = nodeCrypto();
  if (source.startsWith("node:")) return module;
  const owner = source.startsWith("crypto.subtle") ? module.webcrypto.subtle : module.webcrypto;
  return Object.getPrototypeOf(owner) as object;
}

function clockReplacements(gate: Gate): readonly Replacement[] {
  const date = unwrap(globalThis.Date) as DateConstructor;
  const hrtime = unwrap(process.hrtime) as typeof process.hrtime;
  let ours: Callable | undefined;
  const dateOnce = (native: Callable): Callable => (ours ??= dateStandIn(native as unknown as DateConstructor, gate));
  const performancePrototype = Object.getPrototypeOf(performance) as object;
  const replacement = (source: UnseededSource, holder: object, frozen: Frozen): Replacement => {
    const key = source.slice(source.lastIndexOf(".") + 1);
    return { source, holder, key, standIn: callStandIn(source, gate, frozen) };
  };
  return [
    // What a stand-in copies comes before it.
    replacement("Date.now", date, (at) => at),
    { source: "Date", holder: globalThis, key: "Date", standIn: dateOnce },
    ...(date.prototype.constructor === date
      ? [{ source: "Date", holder: date.prototype, key: "constructor", standIn: dateOnce }]
      : []),
    replacement("performance.now", performancePrototype, () => 0),
    { ...replacement("performance.timeOrigin", performancePrototype, (at) => at), isValue: true },
    replacement("process.hrtime.bigint", hrtime, () => 0n),
    replacement("process.hrtime", process, (_at, [since]) => elapsed(since as readonly [number, number] | undefined)),
  ];
}

/** What `process.hrtime(since)` gives when it is 0 now: whole seconds and nanoseconds that are not negative. */
function elapsed(since: readonly [number, number] = [0, 0]): [number, number] {
  const [seconds, nanoseconds] = since;
  return nanoseconds > 0 ? [-1 - seconds, 1e9 - nanoseconds] : [0 - seconds, 0];
}

/** What a stopped clock answers. */
type Frozen = (frozenAt: number, args: readonly unknown[]) => unknown;

function callStandIn(source: UnseededSource, gate: Gate, frozen?: Frozen): (native: Callable) => Callable {
  const make = (native: Callable): Callable => {
    const standIn = function (this: unknown, ...args: unknown[]): unknown {
      const guard = guardAt(gate);
      if (guard === undefined) return Reflect.apply(native, this, args);
      guard.note(source, standIn);
      const value: unknown = Reflect.apply(native, this, args); // checks its arguments, also when the value is not wanted
      return guard.frozenAt === undefined || frozen === undefined ? value : frozen(guard.frozenAt, args);
    };
    return standIn;
  };
  return (native) => remember(gate, source, native, make);
}

/** One function for all scopes that follow each other: what V8 compiled for the first serves the others. */
function remember(
  gate: Gate,
  source: UnseededSource,
  native: Callable,
  make: (native: Callable, gate: Gate) => Callable,
): Callable {
  const made = gate.made.get(source);
  const standIn = made?.native === native ? made.standIn : make(native, gate);
  gate.made.set(source, { native, standIn });
  return likeNative(standIn, native); // also again: its properties may have changed since
}

/** A `Date` that is one in every respect: the same prototype and static functions, a base of classes, a plain call. */
function dateStandIn(native: DateConstructor, gate: Gate): Callable {
  const standIn = function (this: unknown, ...args: unknown[]): unknown {
    const isCall = new.target === undefined;
    const target = new.target === standIn || new.target === undefined ? native : new.target;
    if (args.length > 0 && !isCall) return Reflect.construct(native, args, target);
    const guard = guardAt(gate);
    guard?.note("Date", standIn);
    const date: unknown = Reflect.construct(native, guard?.frozenAt === undefined ? [] : [guard.frozenAt], target);
    return isCall ? String(date) : date;
  };
  return likeNative(standIn, native);
}

/** Gives a function the name, the properties and the prototype of another. */
function likeNative(standIn: Callable, native: object): Callable {
  Object.defineProperties(standIn, Object.getOwnPropertyDescriptors(native));
  return Object.setPrototypeOf(standIn, Object.getPrototypeOf(native) as object | null) as Callable;
}
