/** The project that both programs run: Vite, an API and a worker, with the times of a real one. */

export const VITE = "vite@8.3.8";

/** Seconds that generating code takes at each start, and compiling after each edit. */
const GENERATION_SECONDS = 6;
const COMPILATION_SECONDS = 4;

/** The module that is edited, and the name in it that an agent gets wrong. */
export const PAGE_MODULE = "src/main.js";
export const MISSING_MODULE = "./greetings.js";

const generate = `
const tables = ["users", "carts", "orders", "payments", "refunds", "products", "prices", "stocks"];
const milliseconds = ${GENERATION_SECONDS * 1_000} / tables.length;
console.log("Generating types from db/schema.sql");
for (const table of tables) {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  console.log("  src/generated/" + table + ".ts  " + table.length * 37 + " lines");
}
console.log("Generated " + tables.length + " files");
`;

const viteConfig = `
export default {
  server: { host: "127.0.0.1", port: Number(process.env.WEB_PORT), strictPort: true },
  clearScreen: false,
  plugins: [{
    name: "compiler",
    enforce: "pre",
    async transform(_, id) {
      if (!id.includes("/src/")) return;
      await new Promise((resolve) => setTimeout(resolve, ${COMPILATION_SECONDS * 1_000}));
    },
  }],
};
`;

// Its traffic is ten minutes of requests, one each two seconds; in the third, the sixth and the
// ninth minute one of them fails.
const api = `
import { createServer } from "node:http";
const port = Number(process.env.API_PORT);
let order = 1000;
console.log("shop api 4.2.0, node " + process.version);
console.log("connected to postgres://localhost/shop in 12 ms, 48 migrations, none pending");
console.log("cache: 256 MB, sessions: memory, payments: sandbox");
createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/traffic") traffic(Number(url.searchParams.get("milliseconds")));
  response.end("ok");
}).listen(port, "127.0.0.1", () => console.log("listening on http://127.0.0.1:" + port));

function traffic(milliseconds) {
  let sent = 0;
  const timer = setInterval(() => {
    if (++sent === 300) clearInterval(timer);
    const path = ["/api/cart", "/api/products?page=2", "/api/orders/" + ++order][sent % 3];
    if (sent % 90 !== 75) return console.log("GET " + path + " 200 " + (3 + sent % 40) + " ms");
    console.error("GET " + path + " 500 31 ms");
    console.error("error: payment of order " + order + " failed: read ECONNRESET");
    for (const at of ["charge", "checkout", "route"]) {
      console.error("    at " + at + " (/srv/shop/src/payments/" + at + ".ts:41:13)");
    }
  }, milliseconds / 300);
}
`;

/** The orders whose payment fails. */
export const FAILED_ORDERS = ["1075", "1165", "1255"];

const worker = `
console.log("worker: queues mail, invoices, thumbnails; concurrency 4");
console.log("worker: nothing to do");
setInterval(() => {}, 1_000_000);
`;

/** Its files by their paths. */
export const FILES = {
  "package.json": JSON.stringify({
    name: "shop",
    version: "4.2.0",
    private: true,
    type: "module",
    scripts: {
      dev: "node generate.mjs && vite",
      api: "node api.mjs",
      worker: "node worker.mjs",
    },
  }),
  "generate.mjs": generate,
  "vite.config.js": viteConfig,
  "api.mjs": api,
  "worker.mjs": worker,
  "index.html": `<body><script type="module" src="/src/main.js"></script></body>`,
  "src/greeting.js": `export const greeting = "hello";\n`,
  "src/main.js": `import { greeting } from "./greeting.js";\ndocument.body.append(greeting);\n`,
};
