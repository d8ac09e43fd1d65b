import fc from "fast-check";

/*
 * Property tests draw the same cases on every machine and in every run, so that a failure is a failure for all. With
 * SLOW=1 they draw new ones, and ten times as many: that is where they look for what nobody has found yet.
 */
const slow = process.env["SLOW"] === "1";
fc.configureGlobal(slow ? { numRuns: 1000 } : { seed: 42 });
