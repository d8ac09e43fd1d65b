import { coloured, showsColour } from "./host.ts";

/** Paints text for the terminal, or leaves it as it is. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

/** The style that standard error can show. */
export function createStyle(): Style {
  const paints = showsColour();
  const paint = (format: Parameters<typeof coloured>[0]) => (text: string) => (paints ? coloured(format, text) : text);
  return { strong: paint("bold"), faint: paint("dim"), good: paint("green"), bad: paint("red"), warn: paint("yellow") };
}

/** Label and value in columns, two spaces in; the label may be painted. */
export function row(label: string, value: string, paint: (text: string) => string = (text) => text): string {
  return `  ${paint(label.padEnd(12))}${value}\n`;
}

/** A digest, a commit or a seed, as long as eyes can compare. */
export function short(text: string): string {
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}

/** Control and formatting characters made visible: what a hostile record or path says must not drive the terminal. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
