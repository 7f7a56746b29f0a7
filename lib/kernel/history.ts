// The inputs and results of this session, for history requests.

/** [session, execution count, input] or, with output, [session, execution count, [input, result text]]. */
type Row = readonly [number, number, string | readonly [string, string | null]];

/** What was run in this session. */
export interface History {
  add(count: number, input: string, result: string | undefined): void;
  /** Answers the content of a history_request; an unknown access type gets no rows. */
  find(request: HistoryRequest): Row[];
}

/** Content of a history_request, by the Jupyter protocol. */
export interface HistoryRequest {
  readonly hist_access_type?: 'range' | 'tail' | 'search';
  readonly output?: boolean;
  readonly session?: number;
  readonly start?: number;
  readonly stop?: number | null;
  readonly n?: number | null;
  readonly pattern?: string | null;
  readonly unique?: boolean;
}

const SESSION = 1;

/** The inputs and results of this session, empty at first. */
export function createHistory(): History {
  const entries: { count: number; input: string; result: string | null }[] = [];

  function select({ hist_access_type: type, session, start = 0, stop, n, pattern, unique }: HistoryRequest) {
    if (type === 'tail') return entries.slice(-(n ?? 10));
    if (type === 'range') {
      // Session 0 is the current one; earlier sessions are not kept.
      if (session !== undefined && session !== 0 && session !== SESSION) return [];
      return entries.filter(({ count }) => count >= start && (stop == null || count < stop));
    }
    if (type !== 'search') return [];
    const glob = globPattern(pattern ?? '*');
    let found = entries.filter(({ input }) => glob.test(input));
    if (unique) found = [...new Map(found.map((entry) => [entry.input, entry])).values()];
    return n == null ? found : found.slice(-n);
  }

  return {
    add(count, input, result) {
      entries.push({ count, input, result: result ?? null });
    },
    find: (request) =>
      select(request).map(({ count, input, result }) => [
        SESSION,
        count,
        request.output ? [input, result] : input,
      ]),
  };
}

/** `*` and `?` as in file names. */
function globPattern(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 's');
}
