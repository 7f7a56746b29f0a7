// What notebooks import, as 'mail-lab': the Node-free core, files, records, figures and the notebook itself.
export { readAnalyses, readAnalysis } from './confidence/analysis-files.ts';
export * from './core.ts';
export type { CardFacts, DataCard } from './data/card.ts';
export { type LoadedDemos, loadDemos, saveDemos } from './data/files.ts';
export {
  type ComparedRuns,
  compareExperiment,
  expertReturn,
} from './experiment/experiment-comparison.ts';
export {
  type ExperimentRow,
  type ExperimentRun,
  experimentFrame,
  experimentRows,
  experimentRuns,
} from './experiment/experiment-runs.ts';
export {
  analyseModelAge,
  type ModelAgeOptions,
  modelAgeSettings,
  modelAgeSpec,
} from './experiment/model-age.ts';
export { profile, recordFolder, recordPath } from './experiment/profile.ts';
export { type RunHereOptions, runHere } from './experiment/run-here.ts';
export { machineFacts, openRecord, type RecordFile, readRecord, readRecords } from './experiment/store.ts';
export { clearOutput, display, newDisplay } from './kernel/display.ts';
export { interruptSignal } from './kernel/interrupt.ts';
export type { BandPoint } from './plots/band.ts';
export { type BlockDiagrams, blockDiagrams } from './plots/block-diagram.ts';
export {
  type BarOptions,
  type CurveOptions,
  finalBars,
  learningCurves,
  type References,
} from './plots/curves.ts';
export { type DoseResponseOptions, doseResponse } from './plots/dose-response.ts';
export { type Figure, type FigureSpec, figure, type ScatterTrace } from './plots/figure.ts';
export { type HeatMapOptions, heatMap, type SeedHeatMapOptions, seedHeatMap } from './plots/heat-map.ts';
export { type BoardOptions, type LiveBoard, liveBoard } from './plots/live-board.ts';
export { type LivePanel, type LivePanelOptions, livePanel } from './plots/live-panel.ts';
export { type LogLinesOptions, logLines } from './plots/log-lines.ts';
export { type Played, type Player, type PlayOptions, play } from './plots/player.ts';
export { type ProfileOptions, performanceProfiles } from './plots/profile.ts';
export { type ReliabilityOptions, type ReliabilityPoint, reliabilityDiagram } from './plots/reliability.ts';
export { type ReachedOptions, reachedCurves } from './plots/survival.ts';
export { recordedEvidence } from './scorecard/recorded-evidence.ts';
export { dataFrame, evaluationFrame, frameTable } from './stats/data-frame.ts';
export { type TableOptions, type TableRow, table } from './stats/table.ts';
