/**
 * Which kind of typed array a fill writes to, also when it comes from another realm.
 *
 * @throws TypeError when it is none of those allowed.
 */
export function targetKind<K extends string>(name: string, out: unknown, allowed: readonly K[]): K {
  const kind = Object.prototype.toString.call(out).slice("[object ".length, -1);
  const found = allowed.find((each) => each === kind);
  if (found !== undefined) return found;
  throw new TypeError(`${name}: "out" must be a ${allowed.join(" or a ")}, got ${kind}`);
}
