// One call of everything that a guard can catch, by its name. Run by guard-table.test.ts in processes of their own.
import crypto from "node:crypto";

const done = () => undefined;
const hmac = { name: "HMAC", hash: "SHA-256" };

export const CALLS = {
  "Math.random": () => Math.random(),
  "crypto.getRandomValues": () => globalThis.crypto.getRandomValues(new Uint8Array(4)),
  "crypto.randomUUID": () => globalThis.crypto.randomUUID(),
  "crypto.subtle.generateKey": () => globalThis.crypto.subtle.generateKey(hmac, false, ["sign"]),
  "node:crypto.generateKey": () => crypto.generateKey("hmac", { length: 64 }, done),
  "node:crypto.generateKeyPair": () => crypto.generateKeyPair("ed25519", {}, done),
  "node:crypto.generateKeyPairSync": () => crypto.generateKeyPairSync("ed25519"),
  "node:crypto.generateKeySync": () => crypto.generateKeySync("hmac", { length: 64 }),
  "node:crypto.generatePrime": () => crypto.generatePrime(16, done),
  "node:crypto.generatePrimeSync": () => crypto.generatePrimeSync(16),
  "node:crypto.prng": () => crypto.prng(4),
  "node:crypto.pseudoRandomBytes": () => crypto.pseudoRandomBytes(4),
  "node:crypto.randomBytes": () => crypto.randomBytes(4),
  "node:crypto.randomFill": () => crypto.randomFill(new Uint8Array(4), done),
  "node:crypto.randomFillSync": () => crypto.randomFillSync(new Uint8Array(4)),
  "node:crypto.randomInt": () => crypto.randomInt(10),
  "node:crypto.randomUUID": () => crypto.randomUUID(),
  "node:crypto.rng": () => crypto.rng(4),
  Date: () => +new Date() + Date.parse(Date()),
  "Date.now": () => Date.now(),
  "performance.now": () => performance.now(),
  "performance.timeOrigin": () => performance.timeOrigin,
  "process.hrtime": () => process.hrtime().join(" "),
  "process.hrtime.bigint": () => String(process.hrtime.bigint()),
};
