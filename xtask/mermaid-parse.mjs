// Has Mermaid's own parser read files: `npm install --prefix target/mermaid mermaid jsdom`, then
// `NODE_PATH=target/mermaid/node_modules node xtask/mermaid-parse.mjs FILE.mmd...`
import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.NODE_PATH ?? "."}/`);
const { JSDOM } = require("jsdom");
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const { default: mermaid } = await import(pathToFileURL(`${process.env.NODE_PATH}/mermaid/dist/mermaid.core.mjs`));

let wrong = 0;
for (const file of process.argv.slice(2)) {
  try {
    await mermaid.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    wrong += 1;
    console.log(`${file}: ${error}`);
  }
}
console.log(`${process.argv.length - 2} files, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
