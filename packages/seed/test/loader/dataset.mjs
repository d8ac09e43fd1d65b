// A dataset for the tests of the loader: what it gives is described by `data`, and `expectedSample` in loader.test.ts knows it.
import { uniform } from "../../dist/index.js";

const early = Math.random; // a library that keeps a reference of its own
const atTopLevel = Math.random();

/** Burns time that differs by sample: an order that depended on it would show. */
function burn(index, delay) {
  let sum = 0;
  for (let step = ((index * 7919 + 13) % 11) * delay; step > 0; step -= 1) sum += step;
  return sum;
}

/** What a library may throw: a program cannot tell before it has caught it. */
const NO_ERROR = JSON.parse('"no error at all"');

const FAULTS = {
  throw: (index) => {
    throw Object.assign(new TypeError(`sample ${index} is broken`, { cause: new Error("inner") }), {
      code: "E_BROKEN",
    });
  },
  text: () => {
    throw NO_ERROR;
  },
  hostile: () => {
    throw new Proxy(new Error("hostile"), {
      get: () => {
        throw new Error("trap");
      },
    });
  },
  reject: () => new Promise((_, reject) => setImmediate(() => reject(new Error("later")))),
  exit: () => process.exit(7),
  uncaught: () =>
    new Promise(() => {
      setImmediate(() => {
        throw new Error("nobody catches this");
      });
    }),
  uncloneable: () => () => "a function",
  forever: () => {
    for (;;);
  },
  memory: () => {
    const hog = [];
    for (;;) hog.push(Array.from({ length: 1e5 }, (_, at) => ({ at })));
  },
};

/** `{ size, delay, loads, fault: { kind, index } }` */
export function openDataset({ size, delay = 0, loads, fault }) {
  const counter = loads === undefined ? undefined : new Int32Array(loads);
  const opened = Math.random();
  const load = (index, rng, { epoch }) => {
    if (counter !== undefined) Atomics.add(counter, 0, 1);
    burn(index, delay);
    if (fault?.index === index) return FAULTS[fault.kind](index);
    return {
      index,
      epoch,
      drawn: uniform(rng),
      random: [Math.random(), Math.random()],
      early: early(),
      opened,
      atTopLevel,
    };
  };
  return { size, load };
}
