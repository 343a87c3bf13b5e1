/** Waits for something that must happen, and says what was seen when it does not. */
export async function within<T>(milliseconds: number, happening: Promise<T>, seen: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`It did not happen within ${milliseconds} ms: ${seen()}.`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([happening, late]);
  } finally {
    clearTimeout(timer);
  }
}
