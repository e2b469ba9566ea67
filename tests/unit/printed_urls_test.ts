/** Which of the URLs that a program prints are its own. */
import { assertEquals } from "@std/assert";
import { servedUrls, urlsIn } from "../../lib/supervisor/printed_urls.ts";

const port = (port: number, address = "127.0.0.1") => ({ address, port, pid: 1 });

Deno.test("URLs are found in what the common servers print", () => {
  const cases: Record<string, string[]> = {
    "  ➜  Local:   http://localhost:5173/": ["http://localhost:5173/"],
    "   - Network:      http://192.168.1.5:3000": ["http://192.168.1.5:3000/"],
    "Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...": ["http://127.0.0.1:8000/"],
    "Serving HTTP on :: port 8000 (http://[::]:8000/) ...": ["http://[::1]:8000/"],
    "Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)": ["http://127.0.0.1:8000/"],
    "Open http://localhost:8888/tree?token=a1b2.": ["http://localhost:8888/tree?token=a1b2"],
    'Ready at "https://app.localhost:3443/x", or <http://[fd00::1]:80/>': [
      "https://app.localhost:3443/x",
      "http://[fd00::1]/",
    ],
    "see https://vite.dev/config or http://example.com:5173/": [],
    "GET http://localhost:5173/src/App.tsx 200": [],
    "    at render (http://localhost:5173/src/App.tsx:3:9)": [],
    "http://localhost:99999/ and http:// alone": [],
  };
  for (const [line, urls] of Object.entries(cases)) assertEquals(urlsIn([line]), urls, line);
});

Deno.test("a URL counts only when its port is listened on, where it would be reached", () => {
  const urls = ["http://localhost:3000/", "http://192.168.1.5:3000/", "http://localhost:4000/"];
  assertEquals(servedUrls(urls, []), []);
  assertEquals(servedUrls(urls, [port(3000)]), ["http://localhost:3000/"]);
  assertEquals(servedUrls(urls, [port(3000, "::")]), urls.slice(0, 2));
  assertEquals(servedUrls(urls, [port(3000, "192.168.1.5")]), ["http://192.168.1.5:3000/"]);
  assertEquals(servedUrls(["http://localhost/", "https://localhost/"], [port(443)]), [
    "https://localhost/",
  ]);
});

Deno.test("loopback comes first, then the most specific, and each place once", () => {
  const urls = [
    "http://192.168.1.5:8888/tree?token=secret",
    "http://localhost:8888/",
    "http://127.0.0.1:8888/",
    "http://localhost:8888/tree?token=a",
  ];
  assertEquals(servedUrls(urls, [port(8888, "0.0.0.0")]), [
    "http://localhost:8888/tree?token=a",
    "http://localhost:8888/",
    "http://192.168.1.5:8888/tree?token=secret",
  ]);
  const many = Array.from({ length: 50 }, (_, i) => `http://localhost:80/${i}`);
  assertEquals(servedUrls(many, [port(80)]).length, 4);
});
