// Demonstrations out of the trajectory files of GAIL's authors (openai/imitation): padded arrays and their lengths.
import { lossNotes, type ReadDemos } from './d4rl.ts';
import { actionNumbers, finite, float32, shapedField } from './fields.ts';
import { FormatError } from './format-error.ts';
import { readHdf5 } from './hdf5.ts';
import { type TaskShape, type Trajectory, trajectoryLength } from './types.ts';

/**
 * Demonstrations out of a GAIL file: `obs_B_T_Do`, `a_B_T_Da`, `r_B_T`, padded on the right, and `len_B`.
 *
 * The file lacks the observation after an episode's last action. That step is left out, and every episode counts as
 * truncated, since how it ended is not in the file.
 *
 * @param bytes the file
 * @param task what the file should hold; it does not name its task itself
 * @throws FormatError naming episode and field if anything is missing, of the wrong shape or not a finite number
 */
export async function demosFromGail(
  bytes: Uint8Array,
  task: TaskShape,
  options: { readonly name?: string } = {},
): Promise<ReadDemos> {
  const { name: file = 'GAIL file' } = options;
  const { obsSize: D, actSize: A, actions } = task;
  const lost = { steps: 0, reward: 0, episodes: 0 };
  const fields = await readHdf5(bytes, {
    name: file,
    read(root) {
      const place = { file };
      const reward = shapedField(root, 'r_B_T', { shape: [null, null], place });
      const [B, T] = reward.shape as [number, number];
      const values = (name: string, shape: readonly number[]) =>
        shapedField(root, name, { shape, place }).values;
      return {
        T,
        reward_BT: reward.values,
        obs_BTD: values('obs_B_T_Do', [B, T, D]),
        act_BTA: values('a_B_T_Da', [B, T, A]),
        length_B: values('len_B', [B]),
      };
    },
  });
  const { T: padded } = fields;
  const trajectories = Array.from(fields.length_B, (length, e): Trajectory => {
    const at = (field: string) => ({ file, episode: e, field });
    if (!Number.isInteger(length) || length < 1 || length > padded)
      throw new FormatError(at('len_B'), `is ${length}, expected an integer from 1 to ${padded}`);
    const T = length - 1;
    const rows = (values: Float64Array, width: number, count: number) =>
      values.slice(e * padded * width, (e * padded + count) * width);
    const act = rows(fields.act_BTA, A, T);
    const reward = finite(rows(fields.reward_BT, 1, length), at('r_B_T'));
    lost.steps++;
    lost.reward += reward[T]!;
    return {
      obs_Tp1D: float32(rows(fields.obs_BTD, D, T + 1), at('obs_B_T_Do')),
      act_TA:
        actions > 0 ? actionNumbers(act, { actions, place: at('a_B_T_Da') }) : float32(act, at('a_B_T_Da')),
      reward_T: reward.slice(0, T),
      terminated: false,
      truncated: true,
    };
  });
  const kept = trajectories.filter((trajectory) => trajectoryLength(trajectory) > 0);
  if (kept.length === 0)
    throw new FormatError({ file, field: 'len_B' }, `no episode is left of ${trajectories.length}`);
  lost.episodes = trajectories.length - kept.length;
  return { demos: { ...task, trajectories: kept }, notes: lossNotes(lost) };
}
