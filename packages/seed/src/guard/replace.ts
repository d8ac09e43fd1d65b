import { ReproError } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";

/** Where every copy of this package finds what one of its functions stands in for; `undefined` while that one is in use. */
const LEFT_OVER: unique symbol = /* @__PURE__ */ Symbol.for("@repro/seed/left-over");

/** A function that may be one of ours. */
export type Callable = ((...args: unknown[]) => unknown) & { [LEFT_OVER]?: () => unknown };

/** A property that holds a source. */
export interface Replacement {
  /** Name of the source, for errors. */
  readonly source: string;
  /** The object that has the property itself. */
  readonly holder: object;
  /** Its name. */
  readonly key: string;
  /** Whether the property holds what the source gives, and not a function that gives it; false when omitted. */
  readonly isValue?: boolean;
  /** Makes the function that is put in place, after earlier replacements are. */
  readonly standIn: (native: Callable) => Callable;
}

/**
 * Replaces properties, all or none.
 *
 * @param inUse - Whether the replacements still do anything.
 * @returns Puts back every property as it was, descriptor and all; where someone replaced ours, theirs stays. Says whether all
 *   could be put back.
 * @throws ReproError `SEED_GUARD_BLOCKED` when one cannot be replaced.
 */
export function replaceAll(replacements: readonly Replacement[], inUse: () => boolean): () => boolean {
  const undo: (() => boolean)[] = [];
  const remove = (): boolean =>
    undo
      .toReversed()
      .map((put) => put())
      .every(Boolean);
  for (const each of replacements) {
    const descriptor = Object.getOwnPropertyDescriptor(each.holder, each.key);
    if (descriptor === undefined) continue; // this version of the engine has no such function
    const put = replace(each, descriptor, inUse);
    if (put === undefined) {
      remove();
      throw blocked(each.source);
    }
    undo.push(put);
  }
  return remove;
}

function replace(
  { holder, key, isValue = false, standIn }: Replacement,
  descriptor: PropertyDescriptor,
  inUse: () => boolean,
): (() => boolean) | undefined {
  const slot = descriptor.get === undefined ? "value" : "get";
  const native = unwrap(descriptor[slot]);
  if (typeof native !== "function") return undefined;
  const ours =
    slot === "get" && !isValue ? lazyStandIn(holder, native as Callable, standIn) : standIn(native as Callable);
  Object.defineProperty(ours, LEFT_OVER, { value: () => (inUse() ? undefined : native), configurable: true });
  if (!Reflect.defineProperty(holder, key, { ...descriptor, [slot]: ours })) return undefined;
  return () => {
    if (Object.getOwnPropertyDescriptor(holder, key)?.[slot] !== ours) return false;
    // Refused when the object was frozen since; ours stays then, and passes calls on.
    return Reflect.defineProperty(holder, key, { ...descriptor, [slot]: unwrap(native) });
  };
}

/** A getter that gives a stand-in. Aliases in `node:crypto` write their value into the object that they are read from. */
function lazyStandIn(holder: object, getter: Callable, standIn: (native: Callable) => Callable): Callable {
  let ours: Callable | undefined;
  return () => (ours ??= standIn(Reflect.apply(getter, Object.create(holder), []) as Callable));
}

/** The function behind ones of ours that are no longer in use: another copy's may have ended out of order. */
export function unwrap(value: unknown): unknown {
  let native = value;
  while (typeof native === "function") {
    // Its own, for a class that extends one of ours is none of ours.
    const behind = Object.hasOwn(native, LEFT_OVER) ? (native as Callable)[LEFT_OVER]?.() : undefined;
    if (behind === undefined) break;
    native = behind;
  }
  return native;
}

function blocked(source: string): ReproError<SeedErrorCode> {
  return new ReproError(`${source} cannot be guarded: its object is frozen`, {
    code: "SEED_GUARD_BLOCKED",
    remedy:
      "guard before the program freezes its globals, by node --import @repro/seed/register, or leave this source out",
    data: { api: source },
  });
}
