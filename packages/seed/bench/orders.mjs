// npm run bench -- seed/orders: shuffles and permutations of 1e6, beside what others offer, in one run.
import lodash from "lodash";

import { createSeed, createStream, epochOrder, permutation, shuffle } from "@repro/seed";

import { measure, report } from "../../conformance/dist/measure.js";

const N = 1 << 20;
const order = Uint32Array.from({ length: N }, (_, index) => index);
const list = Array.from(order);
const rng = createStream(createSeed(1), "bench");
let epoch = 0;

function mathRandomShuffle() {
  for (let last = N - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    const moved = order[last];
    order[last] = order[other];
    order[other] = moved;
  }
}

const shuffled = "Fisher-Yates on Math.random, typed array";
report(
  "seed-orders",
  await measure([
    { what: shuffled, run: mathRandomShuffle, items: N },
    { what: "shuffle of a typed array", run: () => shuffle(rng, order), items: N, against: shuffled },
    { what: "permutation", run: () => permutation(rng, N), items: N, against: shuffled },
    {
      what: "epochOrder",
      run: () => epochOrder(createSeed(1), { epoch: (epoch += 1), size: N }),
      items: N,
      against: shuffled,
    },
    { what: "lodash shuffle of a list", run: () => lodash.shuffle(list), items: N },
    { what: "shuffle of a list", run: () => shuffle(rng, list), items: N, against: "lodash shuffle of a list" },
  ]),
);
