/** The thread in which expressions run that may take for ever. Started by `LineMatcher`. */
import type { Expression } from "./expression.ts";
import { LineFinder } from "./matching_lines.ts";

/** First which expression, then texts. */
export type MatchRequest = { expression: Expression } | { text: string };

/** That an expression is ready, or the numbers of the lines that match. */
export type MatchAnswer = "ready" | number[];

/** What a worker's global object has; the project is type-checked as a main thread. */
interface WorkerScope {
  onmessage: (event: MessageEvent<MatchRequest>) => void;
  postMessage(answer: MatchAnswer): void;
}
const scope = self as unknown as WorkerScope;

let source = "";
let finder: LineFinder | null = null;

scope.onmessage = ({ data }) => {
  if ("text" in data) return scope.postMessage(finder?.find(data.text) ?? []);
  const { expression } = data;
  if (finder === null || source !== expression.source) {
    source = expression.source;
    finder = new LineFinder(expression);
  }
  scope.postMessage("ready");
};
