// Calls everything in every mode of its guard, and prints what happened. Arguments: URL of the package, and the sources with
// their modes as JSON.
import { CALLS } from "./calls.mjs";

const [, , entry, sources] = process.argv;
const { createSeed, createSeedLedger, withSeed } = await import(entry);

/** What a mode does to a call, from two calls that follow each other and two runs of the same scope. */
async function outcome(api, kind, mode) {
  const outside = CALLS[api]();
  const runs = [];
  for (let run = 0; run < 2; run += 1) {
    const ledger = createSeedLedger();
    const drawn = await withSeed(createSeed(1, { ledger }), { [kind]: mode }, async () => {
      try {
        const first = CALLS[api]();
        const turn = new Promise((resolve) => setTimeout(resolve, 2));
        await turn;
        return { first, second: CALLS[api]() };
      } catch (error) {
        return { code: error.code };
      }
    });
    runs.push({ ...drawn, counted: ledger.unseeded().some((use) => use.api === api) });
  }
  const [one, two] = runs;
  if (one.code !== undefined) return one.counted ? `refused: \`${one.code}\`` : "refused";
  if (one.counted) return "counted";
  if (one.first === one.second && one.first === two.first && one.first !== outside) return "stopped";
  return one.first === two.first && one.second === two.second ? "from the seed" : "not caught";
}

const rows = [];
for (const { api, kind, modes } of JSON.parse(sources)) {
  const outcomes = {};
  for (const mode of modes) outcomes[mode] = await outcome(api, kind, mode);
  rows.push({ api, outcomes });
}
console.log(JSON.stringify(rows));
