// The report's scorecard: what `npm run scorecard` last wrote, claim by claim.
import { readFileSync } from 'node:fs';
import { escaped, htmlTable } from './html.mjs';

/**
 * The verdicts on disk.
 * @param {string} file results/scorecard.json
 * @returns {object[] | null} a claim each; null where the file is not there
 */
export function readScorecard(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw new Error(`Cannot read ${file} (${error.message}): write it again with npm run scorecard`);
  }
}

const VERDICTS = ['supported', 'mixed', 'not supported', 'not yet measured'];

/** '7 supported, 3 mixed': verdicts that were given, with how often. */
export function verdictCounts(claims) {
  return VERDICTS.map((verdict) => [claims.filter((claim) => claim.verdict === verdict).length, verdict])
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => `${count} ${verdict}`)
    .join(', ');
}

/** Verdict, measured effect and seeds of every claim; below, for each, its measure, its rule and all effects. */
export function scorecardSection(claims) {
  if (claims === null)
    return '<p class="quiet">There is no results/scorecard.json: npm run scorecard writes it.</p>';
  const rows = claims.map(({ id, claim, measured, seeds, verdict }) => [
    `<a href="#${anchor(id)}">${escaped(id)}</a>`,
    escaped(claim),
    escaped(measured),
    escaped(seeds),
    badge(verdict),
  ]);
  return `<p>${escaped(verdictCounts(claims))}. Each verdict follows from a rule that was written down before its data, applied to
the committed records; the runs of this report take no part in it. In brackets: 95 % intervals.</p>
${htmlTable(['claim', 'in other words', 'measured', 'seeds', 'verdict'], rows, 'scorecard')}
<h3>Measures and rules</h3>
${claims.map(details).join('\n')}`;
}

function details({ id, claim, measure, rule, verdict, effects }) {
  const rows = effects.map(({ setting, text, seeds, holds }) => [
    escaped(setting),
    escaped(text),
    escaped(seeds),
    holds ? 'yes' : 'no',
  ]);
  const table =
    rows.length === 0
      ? '<p class="quiet">Nothing is measured yet.</p>'
      : htmlTable(['setting', 'measured', 'seeds', 'holds'], rows, 'effects');
  return `<details id="${anchor(id)}"><summary><strong>${escaped(id)}</strong> ${escaped(claim)} ${badge(verdict)}</summary>
<p><em>Measure.</em> ${escaped(measure)}.</p><p><em>Rule.</em> ${escaped(rule)}.</p>
${table}</details>`;
}

const anchor = (id) => `claim-${escaped(id)}`;

function badge(verdict) {
  return `<span class="verdict ${verdict.replaceAll(' ', '-')}">${escaped(verdict)}</span>`;
}
