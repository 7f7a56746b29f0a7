// Takes native.ts's place in a browser, where there is no native engine.

export async function loadNative(): Promise<string | undefined> {
  return 'browsers have none';
}
