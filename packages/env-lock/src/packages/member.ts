import type { JsonValue } from "@repro/core";

/** An own member of a value that somebody else wrote; `undefined` when it has none, whatever the value is. */
export function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) {
    return undefined;
  }
  return (value as { readonly [key: string]: JsonValue })[name];
}

/** The same, where only text will do. */
export function textMember(value: JsonValue | undefined, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === "string" ? found : undefined;
}

/** Names and values of an object; none when it is something else. */
export function membersOf(value: JsonValue | undefined): readonly (readonly [string, JsonValue])[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
