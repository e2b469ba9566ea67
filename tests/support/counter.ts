/** A program that counts, and what was seen of it. */
import { assertEquals } from "@std/assert";

/** A script of sh: counts, and says goodbye when it is told to end. */
export const COUNTER = `trap 'echo stopping; echo bye; exit 7' TERM
i=0
while :; do i=$((i+1)); echo "line $i"; sleep 0.05; done
`;

/** The numbers of the lines on a screen; each must follow the one before. */
export function assertInOrder(screen: string): number[] {
  const numbers = [...screen.matchAll(/line (\d+)\r\n/g)].map((match) => Number(match[1]));
  assertEquals(numbers, numbers.map((_, at) => (numbers[0] ?? 0) + at));
  return numbers;
}
