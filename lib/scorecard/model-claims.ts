// Claims about the forward model as it is trained: their records are those of the analysis model-age.
import { type AnalysisRecord, headerOf } from '../confidence/analysis-record.ts';
import { ageCorrelation, growthByAge, type StageErrors } from '../stats/age.ts';
import { mean } from '../stats/aggregate.ts';
import { bootstrap } from '../stats/bootstrap.ts';
import { type Claim, type Effect, judged, MIN_SEEDS, rngOf } from './claim.ts';

/** Claim C9a, by age of the model: records of the analysis model-age, one of a run of MAIL. */
export const movingData: Claim = {
  id: 'C9a',
  claim: "The forward model suffers as the policy's data distribution moves",
  measure:
    "one-step error of MAIL's model, as it was at each of ten stages of training, on transitions of the policy of each stage that no model was trained on: (1) Spearman's correlation of the model's age and its error at equal data; (2) growth of the log error per stage of age, with what belongs to a model alone or to the data alone cancelled, since an older model is also one that has learnt less, and the data of some stages are harder for all",
  rule: 'Supported where in every task the mean over seeds of both (1) and (2) is above 0, 95 % bootstrap intervals over seeds; a task counts from 3 seeds on. Mixed where some of them are: (1) alone may be nothing but training',
  judge(evidence) {
    const records = evidence.analyses('model-age', 'mail');
    const tasks = [...new Set(records.map((record) => headerOf(record).env))];
    return judged(
      tasks.flatMap((env): Effect[] => {
        const errors = records.filter((record) => headerOf(record).env === env).map(policyErrors);
        if (errors.length < MIN_SEEDS) return [];
        const effect = (setting: string, measure: (error_SS: StageErrors) => number): Effect => {
          const estimate = bootstrap([errors.map(measure)], ([drawn]) => mean(drawn!), { rng: rngOf('C9a') });
          return {
            setting: `${env}: ${setting}`,
            ...estimate,
            seeds: errors.length,
            holds: estimate.low > 0,
          };
        };
        return [
          effect('correlation of age and error, equal data', ageCorrelation),
          effect('growth of the log error per stage of age, model and data cancelled', growthByAge),
        ];
      }),
    );
  },
};

/** Of a record of model-age: the error of the model of every stage (rows) on the policy's states of every stage. */
export function policyErrors(record: AnalysisRecord): StageErrors {
  const lines = record.flatMap((line) => (line.kind === 'modelError' && line.data !== null ? [line] : []));
  const stages = Math.max(...lines.map(({ model }) => model)) + 1;
  return Array.from({ length: stages }, (_, model) =>
    lines
      .filter((line) => line.model === model)
      .sort((a, b) => a.data! - b.data!)
      .map(({ error }) => error),
  );
}
