// The emoji picker writes styles inline, which our content security policy forbids. Here, at build time, the same styles go
// through the CSS object model, which the policy allows. A version that is written differently stops the build.
import type { Plugin } from "vite";

const PICKER = "emoji-picker-element/picker.js";

const CHANGES: readonly [RegExp, string][] = [
  [
    /const style = document\.createElement\('style'\);\s*style\.textContent = (.+?);\s*this\.shadowRoot\.appendChild\(style\);/,
    "const sheet = new CSSStyleSheet(); sheet.replaceSync($1); this.shadowRoot.adoptedStyleSheets = [sheet];",
  ],
  [/ style="(?=[^"]*\$\{)/g, ' data-css="'],
  [
    /targetNode\.setAttribute\(attributeName, newValue\);/,
    "if (attributeName === 'data-css') targetNode.style.cssText = newValue; else targetNode.setAttribute(attributeName, newValue);",
  ],
];

/** Keep the emoji picker inside `style-src 'self'`. */
export function strictStyles(): Plugin {
  return {
    name: "strict-styles",
    enforce: "pre",
    transform(code, id) {
      if (!id.replaceAll("\\", "/").includes(PICKER)) return null;
      let changed = code;
      for (const [from, to] of CHANGES) {
        const next = changed.replace(from, to);
        if (next === changed) throw new Error(`${PICKER} is written differently now: ${from.source}`);
        changed = next;
      }
      return { code: changed, map: null };
    },
  };
}
