import nodeCrypto, { webcrypto } from "node:crypto";
import process from "node:process";

/** Every property that a guard may replace, with its descriptor: two equal snapshots are of one state. */
export function snapshotGlobals(): readonly unknown[] {
  const { random } = Math;
  const places: readonly (readonly [object, readonly string[]])[] = [
    [Math, ["random"]],
    [globalThis, ["Date", "Math", "crypto", "performance"]],
    [Date, Object.getOwnPropertyNames(Date)],
    [Date.prototype, ["constructor"]],
    [Object.getPrototypeOf(performance) as object, ["now", "timeOrigin"]],
    [process, ["hrtime"]],
    [process.hrtime, ["bigint"]],
    [Object.getPrototypeOf(webcrypto) as object, ["getRandomValues", "randomUUID"]],
    [Object.getPrototypeOf(webcrypto.subtle) as object, ["generateKey"]],
    [nodeCrypto, Object.getOwnPropertyNames(nodeCrypto).filter((name) => !name.startsWith("web"))],
  ];
  return [
    random,
    ...places.flatMap(([holder, names]) =>
      names.map((name) => [name, Object.getOwnPropertyDescriptor(holder, name)] as const),
    ),
  ];
}
