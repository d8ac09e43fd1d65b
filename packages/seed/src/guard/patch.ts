import type { AsyncScope } from "../host.ts";
import { createAsyncScope, readRandom, writeRandom } from "../host.ts";
import type { Guard } from "./guard.ts";

/** The guards of one copy of this package; `Math.random` is one for the whole process, so that they must be too. */
interface Patch {
  /** Guards of asynchronous scopes. */
  readonly scopes: AsyncScope<Guard>;
  /** Guards of the whole process, the innermost last. */
  readonly process: Guard[];
  /** The last of them. */
  innermost: Guard | undefined;
  /** How many guards need the patch. */
  users: number;
  /** Takes the patch out. */
  remove: () => void;
}

const PATCH: Patch = /* @__PURE__ */ createPatch();

function createPatch(): Patch {
  return { scopes: createAsyncScope<Guard>(), process: [], innermost: undefined, users: 0, remove: () => undefined };
}

/** Runs a body with a guard that follows it through every `await`; other code keeps what it had. */
export async function runGuarded<T>(guard: Guard, body: () => T | Promise<T>): Promise<T> {
  const release = holdPatch();
  try {
    return await PATCH.scopes.run(guard, body);
  } finally {
    guard.open = false;
    release();
  }
}

/** Guards the whole process, where no scope does. The function that comes back ends it; call it once. */
export function guardProcess(guard: Guard): () => void {
  const release = holdPatch();
  PATCH.process.push(guard);
  PATCH.innermost = guard;
  return () => {
    guard.open = false;
    PATCH.process.splice(PATCH.process.indexOf(guard), 1);
    PATCH.innermost = PATCH.process.at(-1);
    release();
  };
}

function holdPatch(): () => void {
  if (PATCH.users === 0) PATCH.remove = patchRandom();
  PATCH.users += 1;
  return () => {
    PATCH.users -= 1;
    if (PATCH.users === 0) PATCH.remove();
  };
}

function patchRandom(): () => void {
  const native = readRandom();
  let live = true;
  const random = (): number => {
    if (!live) return native();
    const scoped = PATCH.scopes.getStore();
    const guard = scoped !== undefined && scoped.open ? scoped : PATCH.innermost;
    return guard === undefined ? native() : guard.next(native, random);
  };
  writeRandom(random);
  return () => {
    // Someone who patched over ours still calls it: then it stays, and passes every call on.
    live = false;
    if (readRandom() === random) writeRandom(native);
  };
}
