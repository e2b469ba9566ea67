import { assertEquals } from "@std/assert";
import type { OpenWatch } from "../../lib/logs/directory_watch.ts";
import { type FollowedChunk, type Follower, followRun } from "../../lib/logs/follow.ts";
import { logPath } from "../../lib/logs/run_files.ts";
import { until } from "../support/until.ts";

const START = { stdout: 0, stderr: 0 };

function followTest(name: string, test: (run: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const run = Deno.makeTempDirSync();
    try {
      await test(run);
    } finally {
      Deno.removeSync(run, { recursive: true });
    }
  });
}

/** Takes everything that a follower yields. */
class Taken {
  readonly chunks: FollowedChunk[] = [];
  readonly done: Promise<void>;

  constructor(follower: Follower) {
    this.done = this.#take(follower);
  }

  async #take(follower: Follower): Promise<void> {
    for await (const chunk of follower) this.chunks.push(chunk);
  }

  text(stream?: "stdout" | "stderr"): string {
    const decoder = new TextDecoder();
    return this.chunks.filter((chunk) => stream === undefined || chunk.stream === stream)
      .map(({ bytes }) => decoder.decode(bytes, { stream: true })).join("");
  }

  async shows(text: string): Promise<void> {
    await until(() => this.text() === text, { what: () => `${this.text()} instead of ${text}` });
  }
}

function append(run: string, stream: "stdout" | "stderr", text: string): void {
  Deno.writeTextFileSync(logPath(run, stream), text, { append: true });
}

followTest(
  "what is written is yielded as it is written, in the order of the streams",
  async (run) => {
    const follower = followRun(run, { from: START });
    const taken = new Taken(follower);
    let text = "";
    for (let n = 0; n < 20; n++) {
      append(run, n % 3 ? "stdout" : "stderr", `${n} `);
      await taken.shows(text += `${n} `);
    }
    follower.finish();
    await taken.done;
  },
);

followTest("following begins at the offsets given", async (run) => {
  append(run, "stdout", "old new");
  append(run, "stderr", "known ");
  const follower = followRun(run, { from: { stdout: 4, stderr: 6 } });
  const taken = new Taken(follower);
  follower.finish();
  await taken.done;
  assertEquals(taken.text(), "new");
});

followTest("stdout comes first where both have grown", async (run) => {
  append(run, "stderr", "second");
  append(run, "stdout", "first ");
  const follower = followRun(run, { from: START });
  const taken = new Taken(follower);
  follower.finish();
  await taken.done;
  assertEquals(taken.text(), "first second");
});

followTest("no byte is lost or comes twice in a flood, and none is after finish", async (run) => {
  const follower = followRun(run, { from: START });
  const taken = new Taken(follower);
  const flood = new Deno.Command("sh", {
    args: [
      "-c",
      `exec >>'${logPath(run, "stdout")}' 2>>'${logPath(run, "stderr")}'
       i=0; while [ $i -lt 30000 ]; do echo $i; [ $((i % 3)) = 0 ] && echo $i >&2; i=$((i+1)); done`,
    ],
  }).spawn();
  await flood.status;
  follower.finish();
  await taken.done;
  const numbers = (step: number) =>
    Array.from({ length: 30_000 / step }, (_, n) => `${n * step}\n`).join("");
  assertEquals(taken.text("stdout") === numbers(1), true);
  assertEquals(taken.text("stderr") === numbers(3), true);
  assertEquals(taken.chunks.every(({ bytes }) => bytes.length <= 64 * 1024), true);
});

followTest("no more is read than is taken", async (run) => {
  append(run, "stdout", "x".repeat(1_000_000));
  const follower = followRun(run, { from: START });
  const iterator = follower[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value?.bytes.length, 64 * 1024);
  append(run, "stdout", "y");
  let length = 64 * 1024;
  follower.finish();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    length += next.value.bytes.length;
  }
  assertEquals(length, 1_000_001);
});

followTest("logs that are created later are followed", async (run) => {
  const follower = followRun(run, { from: START });
  const taken = new Taken(follower);
  append(run, "stdout", "here");
  await taken.shows("here");
  follower.finish();
  await taken.done;
});

followTest("a log that was emptied is followed from its beginning", async (run) => {
  append(run, "stdout", "a long text");
  const follower = followRun(run, { from: { stdout: 11, stderr: 0 } });
  const taken = new Taken(follower);
  Deno.truncateSync(logPath(run, "stdout"));
  append(run, "stdout", "new");
  await taken.shows("new");
  follower.close();
  await taken.done;
});

followTest(
  "closing ends it at once, whatever there is to read, and may be done again",
  async (run) => {
    append(run, "stdout", "x".repeat(1_000_000));
    const follower = followRun(run, { from: START });
    const taken = [];
    for await (const chunk of follower) {
      taken.push(chunk);
      follower.close();
    }
    assertEquals(taken.length, 1);
    follower.close();
    follower.finish();
  },
);

followTest("closing ends one that waits", async (run) => {
  const follower = followRun(run, { from: START });
  const taken = new Taken(follower);
  await Promise.resolve();
  follower.close();
  await taken.done;
});

followTest("leaving the loop closes it", async (run) => {
  append(run, "stdout", "x");
  for await (const { bytes } of followRun(run, { from: START })) {
    assertEquals(bytes.length, 1);
    break;
  }
});

followTest("what is written is followed when no watch can be had", async (run) => {
  const open: OpenWatch = (report) => ({
    watch: () => queueMicrotask(() => report({ kind: "refused" })),
    close: () => {},
  });
  const follower = followRun(run, { from: START, open });
  const taken = new Taken(follower);
  let text = "";
  for (let n = 0; n < 20; n++) {
    append(run, "stdout", `${n} `);
    await taken.shows(text += `${n} `);
  }
  follower.close();
  await taken.done;
});

Deno.test("a run whose directory is gone yields nothing and can be ended", async () => {
  const follower = followRun("/nonexistent/run", { from: START });
  const taken = new Taken(follower);
  follower.finish();
  await taken.done;
  assertEquals(taken.chunks, []);
});

followTest("above its backlog a stream goes on with the newest lines", async (run) => {
  const lines = Array.from({ length: 1_000 }, (_, n) => `${n}\n`);
  append(run, "stdout", lines.join(""));
  append(run, "stderr", lines.join(""));
  const size = lines.join("").length;
  const follower = followRun(run, { from: START, backlog: { stdout: 800 } });
  const taken = new Taken(follower);
  follower.finish();
  await taken.done;
  assertEquals(taken.text("stderr"), lines.join(""));
  const [first] = taken.chunks;
  const text = taken.text("stdout");
  assertEquals(text, lines.slice(-25).join(""));
  assertEquals([first?.stream, first?.skipped], ["stdout", size - text.length]);
});

followTest("what one stream may leave waiting is taken whole", async (run) => {
  const text = "0123456\n".repeat(100);
  append(run, "stdout", text);
  const follower = followRun(run, { from: START, backlog: { stdout: 800 } });
  const taken = new Taken(follower);
  await taken.shows(text);
  // A line without an end, too: the rest of it is what is left.
  append(run, "stdout", "x".repeat(900));
  await taken.shows(`${text}${"x".repeat(100)}`);
  follower.finish();
  await taken.done;
  assertEquals(taken.chunks.map(({ skipped }) => skipped), [0, 800]);
});
