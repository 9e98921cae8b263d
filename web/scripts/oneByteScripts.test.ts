import { runInNewContext } from "node:vm";
import { build, type Plugin, type Rolldown } from "vite";
import { expect, it } from "vitest";
import { inOneByte, oneByteScripts } from "./oneByteScripts";

const narrow = (code: string) => inOneByte(code, "a.js");

// What each says has to be the same afterwards. A backslash is written \\ here, as everywhere in a string.
it.each([
  ["strings", "['a–b', \"−\", { '→': 1 }['→']]"],
  ["templates, and what stands in them", "`a–${'→' + `−`}–`"],
  ["ends of lines within strings", "['a\u2028b', 'a\\\u2028b', `a\\\u2029b`]"],
  ["strings with one to four backslashes before", "['\\–', '\\\\–', '\\\\\\–', '\\\\\\\\–']"],
  ["templates with one to four backslashes before", "[`\\–`, `\\\\–`, `\\\\\\–`, `\\\\\\\\–`]"],
  ["characters of two halves", "['😀', '\\😀', `😀`, [...'😀'].length]"],
  ["comments", "/*! © – */ 1 // –"],
])("writes %s in one byte a character", (_, code) => {
  expect(code).toMatch(/[^\0-\xff]/);
  expect(narrow(code)).not.toMatch(/[^\0-\xff]/);
  expect(runInNewContext(narrow(code))).toEqual(runInNewContext(code));
});

it.each([
  ["a class", "/^[\\w–→]$/", ["–", "→", "u", "2", "\\", "−"]],
  [
    "one to four backslashes before",
    "/^(\\–|1\\\\–|2\\\\\\–|3\\\\\\\\–)$/",
    ["–", "1\\–", "2\\–", "3\\\\–", "2\\\\–", "\\–", "u2013", "\\u2013"],
  ],
  ["a class with a backslash before", "/^[\\–]$/", ["–", "\\", "u", "2", "0"]],
  ["a range", "/^[–-→]$/", ["–", "—", "→", "⇒", "-"]],
  ["the flag u", "/^[😀-😎–]$/u", ["😀", "😃", "😎", "–", "\ud83d", "\ude00"]],
  ["the flag v", "/^[[😀-😎]--[😃]]$/v", ["😀", "😃", "😎", "\ud83d"]],
  ["halves, without a flag", "/^[😀]$/", ["\ud83d", "\ude00", "😀"]],
  ["a named group", "/^(?<名>–)\\k<名>$/u", ["––", "–"]],
])("writes regular expressions with %s so that they match the same", (_, code, texts) => {
  const matched = (script: string) => texts.map((text) => runInNewContext(`${script}.exec(text)?.[0]`, { text }));
  expect(narrow(code)).not.toMatch(/[^\0-\xff]/);
  expect(matched(narrow(code))).toEqual(matched(code));
  expect(matched(code)).toContain(texts[0]);
});

it("leaves alone what fits", () => {
  const code = "const größe = '\\u2013é', r = /[\\u2013]/; // ©";
  expect(narrow(code)).toBe(code);
});

it.each([
  ["a template whose tag sees how it is written", "String.raw`a ${1} –`", "–"],
  ["a name", "const π = 3", "π"],
  ["a name of two halves", "const 𝑥 = 3", "\\ud835"],
])("refuses %s, and says where", (_, code, character) => {
  expect(() => narrow(code)).toThrow(`a.js: "${character}" cannot be written as a number in "${code.slice(0, 10)}`);
});

it("writes what stands within a tagged template", () => {
  const code = "String.raw`a${'–'}`";
  expect(narrow(code)).toBe("String.raw`a${'\\u2013'}`");
});

it("refuses what cannot be read", () => {
  expect(() => narrow("'–")).toThrow("a.js: ");
});

it("is what a build writes, under a name that changes with what is done", async () => {
  const source: Plugin = {
    name: "source",
    resolveId: (id) => (id === "entry" ? "\0entry" : null),
    load: (id) => (id === "\0entry" ? "console.log('–', `\\u2192`)" : null),
  };
  const built = async (plugin: Plugin) => {
    const options = { write: false, rolldownOptions: { input: "entry" } };
    const { output } = (await build({
      configFile: false,
      logLevel: "silent",
      plugins: [source, plugin],
      build: options,
    })) as Rolldown.RolldownOutput;
    return output[0];
  };
  const chunk = await built(oneByteScripts);
  expect(chunk.code).toContain("\\u2013");
  expect(chunk.code).toContain("\\u2192"); // minification has turned it into a character
  expect((await built(oneByteScripts)).fileName).toBe(chunk.fileName);
  expect((await built({ ...oneByteScripts, augmentChunkHash: undefined })).fileName).not.toBe(chunk.fileName);
});
