// Progress on standard error: a live line on a terminal, plain lines with a sign of life elsewhere (logs, CI).

const lifeSignMs = 15_000;

/** @param {{quiet?: boolean, stream?: NodeJS.WriteStream}} options quiet leaves out notes, not steps */
export function createReport({ quiet = false, stream = process.stderr } = {}) {
  let begun = false;
  const line = (text) => stream.write(`${text}\n`);
  return {
    /** Something worth a line although no work was done. */
    note(text) {
      if (!quiet) line(text);
    },
    /** A line that is never left out. */
    line,
    /** Runs one step under a title; `work` gets a function that shows what it is at. The result's time is printed. */
    async step(title, work) {
      if (!begun) line('Set-up (missing or stale parts only)');
      begun = true;
      const live = startLive(stream, title);
      try {
        const result = await work(live.update);
        live.end(`  ${title}: done in ${live.seconds()} s`);
        return result;
      } catch (error) {
        live.end(`  ${title}: failed after ${live.seconds()} s`);
        throw error;
      }
    },
  };
}

function startLive(stream, title) {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  let detail = '';
  let said = '';
  const terminal = stream.isTTY === true;
  const show = () => {
    if (terminal) {
      const text = `  ${title} … ${Math.floor(Number(seconds()))} s${detail ? `  ${detail}` : ''}`;
      stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
    } else {
      stream.write(
        `    ${Math.floor(Number(seconds()))} s${detail && detail !== said ? `: ${detail}` : ''}\n`,
      );
      said = detail;
    }
  };
  if (terminal) show();
  else stream.write(`  ${title} …\n`);
  const timer = setInterval(show, terminal ? 200 : lifeSignMs);
  return {
    seconds,
    update(text) {
      detail = text.trim();
    },
    end(text) {
      clearInterval(timer);
      stream.write(terminal ? `\r\u001b[2K${text}\n` : `${text}\n`);
    },
  };
}
