/** A stated rule for the length of a text in tokens, without any model's tokenizer. */

/**
 * The tokens of a text. A word counts one for each six letters or part of them, a number one for
 * each three digits or part of them, any other visible character one by itself; white space is part
 * of what follows. Tokenizers of current models take fewer for English and for JSON.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(/\p{L}+|\p{N}+|[^\s\p{L}\p{N}]/gu)) {
    if (/^\p{L}/u.test(part)) tokens += Math.ceil(part.length / 6);
    else if (/^\p{N}/u.test(part)) tokens += Math.ceil(part.length / 3);
    else tokens++;
  }
  return tokens;
}
