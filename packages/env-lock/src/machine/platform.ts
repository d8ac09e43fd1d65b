import type { EnvHost, MachineFacts } from "../host.ts";
import type { PlatformState, UnknownFact } from "../state.ts";

/** Reads the operating system. */
export async function platformState(host: EnvHost, machine: MachineFacts): Promise<PlatformState> {
  return {
    os: machine.os,
    arch: machine.arch,
    distribution: distributionOf(await osRelease(host)),
    libc: await libc(host, machine),
    timeZone: await timeZone(host),
  };
}

async function osRelease(host: EnvHost): Promise<string> {
  const bytes = (await host.readFile("/etc/os-release")) ?? (await host.readFile("/usr/lib/os-release"));
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}

/** os-release(5): `NAME=value`, the value in quotes where a shell would need them. Rolling releases have no version. */
function distributionOf(text: string): string | null {
  const field = (name: string): string | undefined => new RegExp(`^${name}=(["']?)(.*)\\1$`, "m").exec(text)?.[2];
  const id = field("ID");
  if (id === undefined || id === "") return null;
  return [id, field("VERSION_ID") ?? ""].join(" ").trimEnd();
}

async function libc(host: EnvHost, machine: MachineFacts): Promise<PlatformState["libc"]> {
  if (machine.os !== "linux") return null;
  if (machine.glibc !== null) return { name: "glibc", version: machine.glibc };
  const packages = await host.readFile("/lib/apk/db/installed"); // Alpine, where musl is
  const version = packages && /^P:musl\nV:(\S+)$/m.exec(new TextDecoder().decode(packages))?.[1];
  return version === undefined ? unknown("the runtime is not linked with glibc") : { name: "musl", version };
}

async function timeZone(host: EnvHost): Promise<string | UnknownFact> {
  const link = await host.readLink("/etc/localtime"); // Intl knows too, but loading ICU's data costs 30 ms
  const zone = link === undefined ? undefined : /zoneinfo\/(.+)$/.exec(link)?.[1];
  return zone ?? unknown("/etc/localtime does not link to a named zone");
}

function unknown(reason: string): UnknownFact {
  return { status: "unknown", reason };
}
