// Builds what the server ships: one page, one script, one stylesheet, and a service worker that knows them.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

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
      const slimmed = code.replace(whole, (told) => JSON.stringify(slim(JSON.parse(told))));
      if (slimmed.length === code.length) this.error("descriptor_pb.js is not as it was: see slimDescriptor");
      return { code: slimmed, map: null };
    },
  };
}

interface Described {
  readonly name: string;
  field?: { name: string }[];
  nestedType?: Described[];
  enumType?: { name: string; value: unknown[] }[];
  messageType?: Described[];
  extensionRange?: unknown;
}

/** What describes files, messages, fields, enums and calls stays. Of all else only its place does, for it is counted. */
function slim(file: Described): Described {
  for (const message of file.messageType ?? []) {
    if (message.name.endsWith("DescriptorProto")) continue;
    const kept = message.field?.filter((field) => field.name === "map_entry");
    empty(message);
    if (message.name === "MessageOptions" && kept) message.field = kept;
  }
  return file;
}

function empty(message: Described): void {
  delete message.extensionRange;
  message.field = [];
  for (const nested of message.nestedType ?? []) empty(nested);
  for (const each of message.enumType ?? []) each.value = [];
}

export default defineConfig({
  base: "./",
  plugins: [slimDescriptor(), styleLast(), serviceWorker()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/phone-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/phone-[hash][extname]",
      },
    },
  },
});
