import { readFileSync } from "node:fs";
import { type Plugin, parseSync, Visitor } from "vite";

/**
 * A browser keeps the text of a script for as long as its page is there, in two bytes a character where one of them needs two: a single
 * minus sign doubles a chunk. Such stand in strings, templates and regular expressions, where they can be written as numbers.
 *
 * Rolldown minifies after renderChunk, and turns numbers back into characters: what is left is generateBundle, when chunks have their names.
 * Names are what browsers keep files by for a year, and have to change with what is done here: this file counts into them.
 */
export const oneByteScripts: Plugin = {
  name: "one-byte-scripts",
  enforce: "post",
  augmentChunkHash: () => readFileSync(new URL(import.meta.url), "utf8"),
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) if (file.type === "chunk") file.code = inOneByte(file.code, file.fileName);
  },
};

const WIDE = /[\u0100-\uffff]/;

/** inOneByte returns a script that does the same, and has no character beyond U+00FF. */
export function inOneByte(code: string, name: string): string {
  if (!WIDE.test(code)) return code;
  const { program, comments, errors } = parseSync(name, code);
  if (errors.length) throw new Error(`${name}: ${errors[0].message}`);
  const spans: { start: number; end: number }[] = [...comments];
  const raw = new Set<number>(); // where the parts of tagged templates begin: a tag sees how they are written
  new Visitor({
    TaggedTemplateExpression: (node) => node.quasi.quasis.forEach((part) => raw.add(part.start)),
    TemplateElement: (node) => void spans.push(node),
    Literal: (node) => void spans.push(node),
  }).visit(program);

  let out = "";
  let at = 0;
  const keep = (end: number) => {
    const wide = WIDE.exec(code.slice(at, end));
    if (wide) {
      const place = at + wide.index;
      const around = JSON.stringify(code.slice(Math.max(0, place - 30), place + 30));
      throw new Error(`${name}: ${JSON.stringify(wide[0])} cannot be written as a number in ${around}`);
    }
    out += code.slice(at, end);
    at = end;
  };
  for (const { start, end } of spans.sort((a, b) => a.start - b.start)) {
    if (raw.has(start)) continue;
    keep(start);
    out += asNumbers(code.slice(start, end));
    at = end;
  }
  keep(code.length);
  return out;
}

/** asNumbers writes wide characters as numbers. One that a backslash stands before needs it no more; a backslash and an end of line are nothing. */
function asNumbers(text: string): string {
  return text.replace(/(\\*)([\u0100-\uffff])/g, (_, backslashes: string, c: string) => {
    const escaped = backslashes.length % 2 === 1;
    const before = escaped ? backslashes.slice(1) : backslashes;
    if (escaped && /[\u2028\u2029]/.test(c)) return before;
    return `${before}\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
