// Builds what the server ships: one page, one script, one stylesheet, and a service worker that knows them.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const OUT = process.env.PHONE_OUT ?? "../../server/clientela_server/web/phone";

/** Fill in what the service worker keeps, and a version that changes with any of it. */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    writeBundle({ dir = OUT }) {
      const files = readdirSync(dir, { recursive: true, encoding: "utf8", withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== "sw.js")
        .map((entry) => join(entry.parentPath, entry.name).slice(join(dir, "/").length))
        .sort();
      const digest = createHash("sha256");
      for (const file of files) digest.update(file).update(readFileSync(join(dir, file)));
      const text = readFileSync("sw.js", "utf8")
        .replace("__FILES__", JSON.stringify(files))
        .replace("__VERSION__", digest.digest("hex").slice(0, 12));
      writeFileSync(join(dir, "sw.js"), text);
    },
  };
}

/** The stylesheet behind what is painted first: a name, drawn without any style, is there one round trip earlier. */
function styleLast(): Plugin {
  return {
    name: "style-last",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(page) {
        const [link = ""] = /\n *<link rel="stylesheet"[^>]*>/.exec(page) ?? [];
        return page.replace(link, "").replace("\n  </body>", () => `${link}\n  </body>`);
      },
    },
  };
}

/** The descriptor of descriptors, without what the phone's own descriptors never say: see protos/slim_for_phone.py. */
function slimDescriptor(): Plugin {
  return {
    name: "slim-descriptor",
    apply: "build",
    transform(code, id) {
      if (!id.endsWith("/google/protobuf/descriptor_pb.js")) return null;
      const whole = /(?<=@__PURE__\*\/ boot\()\{.*\}(?=\);\n)/;
      // Enums as objects: nobody asks for them, but they are filled in where the file is read, so none falls away.
      const enums = /\n\(function \((\w+)\) \{[^}]*\}\)\(\1 \|\| \(\1 = \{\}\)\);/g;
      if (!whole.test(code) || !enums.test(code))
        this.error("descriptor_pb.js is not as it was: see slimDescriptor");
      const slimmed = code.replace(whole, (told) => JSON.stringify(slim(JSON.parse(told))));
      return { code: slimmed.replace(enums, ""), map: null };
    },
  };
}

interface Described {
  readonly name: string;
  field?: { name: string }[];
  nestedType?: unknown;
  enumType?: { value: unknown[] }[];
  messageType?: Described[];
  extensionRange?: unknown;
}

const UNSAID = new Set(
  "source_code_info weak_dependency option_dependency visibility reserved_range reserved_name".split(" "),
);

/** What describes files, messages, fields, enums and calls stays. Of all else only its place does, for it is counted. */
function slim(file: Described): Described {
  for (const message of file.messageType ?? []) {
    if (message.name.endsWith("DescriptorProto")) {
      message.field = message.field?.filter((field) => !UNSAID.has(field.name));
      continue;
    }
    const kept = message.field?.filter((field) => field.name === "map_entry");
    empty(message);
    if (message.name === "MessageOptions" && kept) message.field = kept;
  }
  for (const each of file.enumType ?? []) each.value = each.value.slice(0, 1);
  return file;
}

function empty(message: Described): void {
  delete message.extensionRange;
  delete message.nestedType;
  delete message.enumType;
  message.field = [];
}

export default defineConfig({
  base: "./",
  // Only a hang reaches these: a machine may be as loaded as it likes.
  test: { testTimeout: 60_000, expect: { poll: { timeout: 60_000 } } },
  plugins: [slimDescriptor(), styleLast(), serviceWorker()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: "phone", tags: ["$initial"] }] },
        entryFileNames: "assets/phone-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/phone-[hash][extname]",
      },
    },
  },
});
