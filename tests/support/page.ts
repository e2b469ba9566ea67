/** Pages of programs that are started and ended meanwhile. */

/** Status and text of a page, or null while nothing answers. */
export async function getPage(url: string): Promise<{ status: number; text: string } | null> {
  try {
    const response = await fetch(url);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
