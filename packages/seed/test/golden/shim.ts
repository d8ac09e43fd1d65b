/*
 * What an engine lacks of that which Node 20 has, and the package uses. Here, and not in `src`: no user of the package
 * runs it on these.
 */

/** Does nothing where nothing is lacking. */
export function completeEngine(): void {
  add(globalThis, "TextEncoder", Utf8Encoder); // of the web, not of the language: JavaScriptCore's shell has none
  add(Array.prototype, "toSorted", toSorted); // of ES2023: SpiderMonkey has it since version 115
  add(Array.prototype, "findLastIndex", findLastIndex); // of ES2023: since 104
}

function add(owner: object, name: string, value: unknown): void {
  if (!(name in owner)) Object.defineProperty(owner, name, { value, writable: true, configurable: true });
}

class Utf8Encoder {
  encode(text: string): Uint8Array {
    const escaped = encodeURIComponent(text); // refuses lone surrogates, which never get here
    return Uint8Array.from(escaped.match(/%..|[^%]/g) ?? [], (unit) =>
      unit.length === 3 ? Number.parseInt(unit.slice(1), 16) : unit.charCodeAt(0),
    );
  }
}

function toSorted<T>(this: readonly T[], compare?: (a: T, b: T) => number): T[] {
  return [...this].sort(compare);
}

function findLastIndex<T>(this: readonly T[], test: (item: T) => boolean): number {
  return this.reduce((found, item, index) => (test(item) ? index : found), -1);
}
