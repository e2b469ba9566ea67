import { assert, assertEquals } from "@std/assert";
import { type OpenWatch, openWatch } from "../../lib/logs/directory_watch.ts";
import { areDiverted, divertLogs, returnLogs } from "../../lib/logs/diversion.ts";
import { GrowthWatch } from "../../lib/logs/growth.ts";
import { EXIT_FILE, logPath } from "../../lib/logs/run_files.ts";
import { until } from "../support/until.ts";

/** One run that is watched: what it wrote and what was noticed of it. */
class Run {
  readonly directory: string;
  seen = 0;
  looks = 0;
  exits = 0;

  constructor(parent: string, name: string) {
    this.directory = `${parent}/${name}`;
    Deno.mkdirSync(this.directory);
    this.write("");
  }

  write(text: string): void {
    Deno.writeTextFileSync(logPath(this.directory, "stdout"), text, { append: true });
  }

  get size(): number {
    return Deno.statSync(logPath(this.directory, "stdout")).size;
  }

  readonly listener = {
    look: (): boolean => {
      this.looks++;
      const grew = this.size > this.seen;
      this.seen = this.size;
      return grew;
    },
    exitFile: (): void => {
      this.exits++;
    },
  };

  async noticed(): Promise<void> {
    await until(() => this.seen === this.size, { what: () => `${this.seen} of ${this.size}` });
  }
}

/** The real watch, of which it is known what it covers. */
class Watches {
  /** The directories of each request that was fulfilled, in order. */
  readonly covered: string[][] = [];
  fail = false;
  readonly open: OpenWatch = (report) => {
    let asked: string[] = [];
    const watch = openWatch((answer) => {
      if (answer.kind === "watching") this.covered.push(asked);
      report(answer);
    });
    return {
      watch: (directories) => {
        asked = directories;
        if (this.fail) queueMicrotask(() => report({ kind: "refused" }));
        else watch.watch(directories);
      },
      close: () => watch.close(),
    };
  };

  /** Waits until exactly so many directories are watched. */
  async covers(count: number): Promise<void> {
    await until(() => (this.covered.at(-1)?.length ?? 0) === count, {
      what: () => `a watch over ${count}: ${JSON.stringify(this.covered)}`,
    });
  }
}

function growthTest(name: string, test: (parent: string, watches: Watches) => Promise<void>): void {
  Deno.test(name, async () => {
    const parent = Deno.makeTempDirSync();
    try {
      await test(parent, new Watches());
    } finally {
      Deno.removeSync(parent, { recursive: true });
    }
  });
}

growthTest("growth is noticed before a run is watched, and when it is", async (parent, watches) => {
  const run = new Run(parent, "1");
  const growth = new GrowthWatch(watches);
  growth.add(run.directory, run.listener);
  run.write("early\n");
  await run.noticed();
  await watches.covers(1);
  run.write("late\n");
  await run.noticed();
  growth.close();
});

growthTest(
  "one watch covers all runs, and those that are added and removed",
  async (parent, watches) => {
    const growth = new GrowthWatch(watches);
    const runs = [1, 2, 3].map((n) => new Run(parent, `${n}`));
    for (const [index, run] of runs.entries()) {
      growth.add(run.directory, run.listener);
      await watches.covers(index + 1);
    }
    for (const run of runs) run.write("x\n");
    for (const run of runs) await run.noticed();
    const [removed, ...others] = runs;
    growth.remove(removed!.directory); // There are three.
    await watches.covers(2);
    for (const run of runs) run.write("y\n");
    for (const run of others) await run.noticed();
    assertEquals(removed!.seen, 2);
    growth.close();
  },
);

growthTest(
  "what no watch reports while it changes is noticed by the look after it",
  async (parent) => {
    const run = new Run(parent, "1");
    let answer: (() => void) | null = null;
    const open: OpenWatch = (report) => ({
      watch: () => answer = () => report({ kind: "watching" }),
      close: () => {},
    });
    const growth = new GrowthWatch({ open });
    growth.add(run.directory, run.listener);
    const ready = await until(() => answer, { what: "the request" });
    run.write("in between\n");
    ready();
    assertEquals(run.seen, "in between\n".length);
    growth.close();
  },
);

growthTest("growth is noticed for as long as a watch does not answer", async (parent) => {
  const run = new Run(parent, "1");
  const growth = new GrowthWatch({ open: () => ({ watch: () => {}, close: () => {} }) });
  growth.add(run.directory, run.listener);
  for (let n = 0; n < 20; n++) {
    run.write("x\n");
    await run.noticed();
  }
  growth.close();
});

growthTest(
  "a flood is taken out of the watch's sight, so that others can be watched while it lasts",
  async (parent, watches) => {
    const [busy, quiet, late] = ["busy", "quiet", "late"].map((name) => new Run(parent, name));
    if (!busy || !quiet || !late) throw new Error("three runs were made");
    const growth = new GrowthWatch({ open: watches.open, diverts: true });
    growth.add(busy.directory, busy.listener);
    growth.add(quiet.directory, quiet.listener);
    await watches.covers(2);
    const flood = new Deno.Command("sh", {
      args: ["-c", `while :; do echo flood; done >> '${logPath(busy.directory, "stdout")}'`],
    }).spawn();
    try {
      await until(() => areDiverted(busy.directory), { what: "the diversion" });
      quiet.write("still noticed\n");
      await quiet.noticed();
      // The system answers such a request only when it is not busy with a flood of events.
      growth.add(late.directory, late.listener);
      await watches.covers(3);
      await until(() => busy.looks > 100, { what: "looks at the busy run" });
    } finally {
      flood.kill("SIGKILL");
      await flood.status;
    }
    await until(() => !areDiverted(busy.directory), { what: "the log's return" });
    await busy.noticed();
    busy.write("again\n");
    await busy.noticed();
    growth.close();
  },
);

growthTest("a viewer leaves a flood's log where it is", async (parent, watches) => {
  const busy = new Run(parent, "busy");
  const growth = new GrowthWatch(watches);
  growth.add(busy.directory, busy.listener);
  await watches.covers(1);
  const flood = new Deno.Command("sh", {
    args: ["-c", `while :; do echo flood; done >> '${logPath(busy.directory, "stdout")}'`],
  }).spawn();
  try {
    await until(() => busy.looks > 100, { what: "looks at the busy run" });
    assertEquals(areDiverted(busy.directory), false);
  } finally {
    flood.kill("SIGKILL");
    await flood.status;
  }
  await busy.noticed();
  growth.close();
});

growthTest("what another one has diverted is noticed, too", async (parent, watches) => {
  const run = new Run(parent, "diverted");
  const growth = new GrowthWatch(watches);
  growth.add(run.directory, run.listener);
  await watches.covers(1);
  using file = Deno.openSync(logPath(run.directory, "stdout"), { append: true });
  divertLogs(run.directory);
  file.writeSync(new TextEncoder().encode("out of sight\n"));
  await run.noticed();
  returnLogs(run.directory);
  file.writeSync(new TextEncoder().encode("in sight\n"));
  await run.noticed();
  assertEquals(Deno.readTextFileSync(logPath(run.directory, "stdout")), "out of sight\nin sight\n");
  growth.close();
});

growthTest("the exit file is noticed, watched or polled", async (parent, watches) => {
  const growth = new GrowthWatch(watches);
  for (const name of ["watched", "polled"]) {
    const run = new Run(parent, name);
    growth.add(run.directory, run.listener);
    if (name === "watched") await watches.covers(1);
    watches.fail = true;
    Deno.writeTextFileSync(`${run.directory}/${EXIT_FILE}`, "0\n");
    await until(() => run.exits > 0, { what: "the exit file" });
  }
  growth.close();
});

growthTest(
  "growth is noticed when no watch can be had, and a watch that there is stays",
  async (parent, watches) => {
    const [first, second] = [new Run(parent, "1"), new Run(parent, "2")];
    const growth = new GrowthWatch(watches);
    growth.add(first.directory, first.listener);
    await watches.covers(1);
    watches.fail = true;
    growth.add(second.directory, second.listener);
    for (let n = 0; n < 20; n++) {
      for (const run of [first, second]) run.write("x\n");
      for (const run of [first, second]) await run.noticed();
    }
    growth.close();
  },
);

growthTest(
  "growth is noticed when a watch has lost changes, and when it has ended",
  async (parent) => {
    const run = new Run(parent, "1");
    let report: Parameters<OpenWatch>[0] = () => {};
    let answered = false;
    const growth = new GrowthWatch({
      open: (to) => {
        report = to;
        const watch = () =>
          queueMicrotask(() => {
            report({ kind: "watching" });
            answered = true;
          });
        return { watch, close: () => {} };
      },
    });
    growth.add(run.directory, run.listener);
    await until(() => answered, { what: "the watch" });
    run.write("lost\n");
    report({ kind: "overflowed" });
    assertEquals(run.seen, run.size);
    report({ kind: "ended" });
    run.write("after the end\n");
    await run.noticed();
    growth.close();
  },
);

growthTest(
  "a flood that begins before its watch does is taken out of the watch's sight without it",
  async (parent) => {
    const run = new Run(parent, "1");
    const growth = new GrowthWatch({
      open: () => ({ watch: () => {}, close: () => {} }),
      diverts: true,
    });
    growth.add(run.directory, run.listener);
    await until(() => (run.write("flood\n"), areDiverted(run.directory)), {
      what: "the diversion",
    });
    growth.close();
    assert(!areDiverted(run.directory));
  },
);

growthTest("a directory that is gone harms no other", async (parent, watches) => {
  const [gone, there] = [new Run(parent, "gone"), new Run(parent, "there")];
  const growth = new GrowthWatch(watches);
  growth.add(gone.directory, { look: () => false });
  growth.add(there.directory, there.listener);
  Deno.removeSync(gone.directory, { recursive: true });
  await watches.covers(1);
  there.write("x\n");
  await there.noticed();
  growth.close();
});

growthTest(
  "after a flood its last change is reported, and whatever comes fast behind it",
  async (parent) => {
    const run = new Run(parent, "1");
    const reports: string[] = [];
    const watch = openWatch(({ kind }) => reports.push(kind));
    const reported = (kind: string) => until(() => reports.includes(kind), { what: kind });
    watch.watch([run.directory]);
    await reported("watching");
    const flood = () => {
      for (let n = 0; n < 1_000; n++) run.write("flood\n");
      return reports.includes("busy");
    };
    // Of those that come at once only some are kept, on a busy machine too few.
    await until(flood, { what: "busy", longestPause: 1 });
    const behind = () => reports.slice(reports.indexOf("busy"));
    // There was no room for the changes of other directories.
    await until(() => behind().includes("overflowed"), { what: "what was lost" });
    await until(() => behind().includes("changed"), { what: "the last change" });
    for (let changes = 0; changes < 3; changes++) {
      reports.length = 0;
      // Faster than a directory comes to rest.
      await until(() => (run.write("line\n"), reports.includes("changed")), {
        what: "a change among many",
      });
    }
    watch.close();
  },
);
