// The records of analyses on disk (Node side).
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type AnalysisRecord, parseAnalysis } from './analysis-record.ts';

/** One record. @throws FormatError naming the file and line if it is not one */
export function readAnalysis(path: string): AnalysisRecord {
  return parseAnalysis(readFileSync(path, 'utf8'), basename(path));
}

/** All records of a folder, by file name. */
export function readAnalyses(dir: string): AnalysisRecord[] {
  const files = readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
  return files.sort().map((name) => readAnalysis(join(dir, name)));
}
