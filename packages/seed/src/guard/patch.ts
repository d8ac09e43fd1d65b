import type { AsyncScope } from "../host.ts";
import { createAsyncScope } from "../host.ts";
import { publish, replacementsOf } from "./host.ts";
import { replaceAll } from "./replace.ts";
import type { SourceKind } from "./source.ts";
import type { Gate, Guard, Guards } from "./watch.ts";

/** The guards of an asynchronous scope, and the scope around it. */
interface Frame {
  readonly guards: Guards;
  readonly outer: Frame | undefined;
}

/** One kind of sources, and who guards it. */
interface Watched {
  /** Guards of the whole process, the innermost last. */
  readonly process: Guard[];
  /** How many scopes and processes need the sources replaced. */
  users: number;
  /** Of the replacements that are in place, or were and left nothing behind. */
  gate: Gate | undefined;
  /** Takes them out. */
  remove: () => void;
}

/** The guards of a thread. The globals are one for all copies of this package, so that these must be too. */
interface Patch {
  readonly frames: AsyncScope<Frame>;
  /** Bodies whose part that runs at once is running, one within another. */
  entered: number;
  readonly kinds: Readonly<Record<SourceKind, Watched>>;
}

/** Where every copy of this package that knows this layout finds the guards. */
const PATCH: unique symbol = /* @__PURE__ */ Symbol.for("@repro/seed/guards@1");

type PatchedGlobal = typeof globalThis & { [PATCH]?: Patch };

function patchHere(): Patch {
  const found = (globalThis as PatchedGlobal)[PATCH];
  if (found !== undefined) return found;
  const made = createPatch();
  Object.defineProperty(globalThis, PATCH, { value: made });
  return made;
}

function createPatch(): Patch {
  const watched = (): Watched => ({ process: [], users: 0, gate: undefined, remove: () => undefined });
  return {
    frames: createAsyncScope<Frame>(),
    entered: 0,
    kinds: { random: watched(), crypto: watched(), clock: watched() },
  };
}

/** Runs a body with guards that follow it through every `await`; other code keeps what it had. */
export async function runGuarded<T>(guards: Guards, body: () => T | Promise<T>): Promise<T> {
  const release = hold(guards);
  try {
    const frame: Frame = { guards, outer: patchHere().frames.getStore() };
    return await enter(frame, body);
  } finally {
    close(guards);
    release();
  }
}

/** Guards the whole process, where no scope does. The function that comes back ends it; call it once. */
export function guardProcess(guards: Guards): () => void {
  const release = hold(guards);
  for (const [kind, guard] of entriesOf(guards)) patchHere().kinds[kind].process.push(guard);
  forget();
  return () => {
    for (const [kind, guard] of entriesOf(guards)) {
      const { process } = patchHere().kinds[kind];
      process.splice(process.indexOf(guard), 1);
    }
    close(guards);
    release();
  };
}

/** The part of a body that runs at once does so in the context of its caller: what was seen there holds no longer, twice. */
function enter<T>(frame: Frame, body: () => T): T {
  patchHere().entered += 1;
  try {
    return patchHere().frames.run(frame, () => {
      forget();
      return body();
    });
  } finally {
    patchHere().entered -= 1;
    forget();
  }
}

function close(guards: Guards): void {
  for (const [, guard] of entriesOf(guards)) guard.open = false;
  forget();
}

function forget(): void {
  for (const { gate } of Object.values(patchHere().kinds)) if (gate !== undefined) gate.id = -1;
}

function hold(guards: Guards): () => void {
  const held: Watched[] = [];
  const release = (): void => {
    for (const watched of held.toReversed()) {
      watched.users -= 1;
      if (watched.users === 0) watched.remove();
    }
  };
  try {
    for (const [kind] of entriesOf(guards)) {
      const watched = patchHere().kinds[kind];
      if (watched.users === 0) install(kind, watched);
      watched.users += 1;
      held.push(watched);
    }
  } catch (error) {
    release(); // another kind may be in place already
    throw error;
  }
  return release;
}

function install(kind: SourceKind, watched: Watched): void {
  const gate = watched.gate ?? createGate(kind);
  const put = replaceAll(replacementsOf(kind, gate), () => gate.live);
  gate.live = true;
  watched.gate = gate;
  publish(kind);
  watched.remove = () => {
    gate.live = false;
    gate.id = -1;
    // Someone who replaced one of ours still calls it. It is to pass calls on for good, also while its successor is in use.
    if (!put()) watched.gate = undefined;
    publish(kind);
  };
}

function createGate(kind: SourceKind): Gate {
  const gate: Gate = {
    id: -1,
    seen: undefined,
    live: false,
    made: new Map(),
    look: (id) => {
      if (!gate.live) return undefined;
      gate.seen = findGuard(kind);
      // Contexts without a number of their own share 0. They are in no scope, but for bodies that are entered there.
      const isKnownBy = patchHere().frames.numbered && (id > 0 || patchHere().entered === 0);
      gate.id = isKnownBy ? id : -1;
      return gate.seen;
    },
  };
  return gate;
}

/** The innermost open scope that names the kind counts, and the process where there is none. */
function findGuard(kind: SourceKind): Guard | undefined {
  for (let frame = patchHere().frames.getStore(); frame !== undefined; frame = frame.outer) {
    const guard = frame.guards[kind];
    if (guard?.open === true) return guard;
  }
  return patchHere().kinds[kind].process.at(-1);
}

function entriesOf(guards: Guards): readonly (readonly [SourceKind, Guard])[] {
  const kinds: readonly SourceKind[] = ["random", "crypto", "clock"];
  return kinds.flatMap((kind) => {
    const guard = guards[kind];
    return guard === undefined ? [] : [[kind, guard] as const];
  });
}
