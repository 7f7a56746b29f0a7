// Text into HTML, for the report's parts.

/** A text in which nothing is taken for HTML. */
export function escaped(text) {
  return String(text).replace(
    /[&<>"]/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c],
  );
}

/**
 * A table that scrolls sideways where the page is too narrow.
 * @param {string[]} head column heads, as text
 * @param {string[][]} rows cells, as HTML
 * @param {string} [kind] class of the table
 */
export function htmlTable(head, rows, kind = '') {
  const tr = (cells, tag) => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table class="${kind}"><thead>${tr(head.map(escaped), 'th')}</thead><tbody>
${rows.map((row) => tr(row, 'td')).join('\n')}</tbody></table></div>`;
}
