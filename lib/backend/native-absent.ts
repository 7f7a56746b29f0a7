// Takes native.ts's place in a browser, where there is no native engine.

/** Why the native engine cannot be had: here there is none. */
export async function loadNative(): Promise<string | undefined> {
  return 'browsers have none';
}
