// Made-up discriminators and episodes whose every number differs from its default.
import { normals, stream } from '../../lib/backend/rng.ts';
import type { Trajectory } from '../../lib/data/types.ts';
import { type Discriminator, initDiscriminator } from '../../lib/models/discriminator.ts';
import { standardizer } from '../../lib/models/standardizer.ts';

export const [D, A] = [3, 2];

export function someDiscriminator(seed: number, { actBound = 1 } = {}): Discriminator {
  const rng = stream(seed, 'discriminator');
  const net = initDiscriminator(
    {
      obsNorm: standardizer(
        normals(rng, D, 0.5),
        normals(rng, D).map((x) => 0.5 + Math.abs(x)),
      ),
      actMean_A: normals(rng, A, 0.2),
      actScale_A: normals(rng, A, 0.1).map((x) => 0.7 + x),
      actBound,
      hidden: [16, 8],
    },
    rng,
  );
  return { ...net, params_P: net.params_P.map((p) => p + 0.1 * normals(rng, 1)[0]!) };
}

/** An episode of normal numbers. */
export function trajectoryOf({
  seed,
  T,
  terminated = false,
}: {
  seed: number;
  T: number;
  terminated?: boolean;
}): Trajectory {
  const rng = stream(seed, 'trajectory');
  return {
    obs_Tp1D: normals(rng, (T + 1) * D),
    act_TA: normals(rng, T * A),
    reward_T: Float64Array.from(normals(rng, T)),
    terminated,
    truncated: !terminated,
  };
}
