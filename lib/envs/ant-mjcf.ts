// The body of Ant as an MJCF model: a ball with four legs of two joints each.

/** One leg: the quarter that it points to, and how its ankle turns. */
interface Leg {
  readonly n: number;
  readonly x: 1 | -1;
  readonly y: 1 | -1;
  readonly ankleAxis: string;
  readonly ankleRange: string;
}

const LEGS: readonly Leg[] = [
  { n: 1, x: 1, y: 1, ankleAxis: '-1 1 0', ankleRange: '30 70' },
  { n: 2, x: -1, y: 1, ankleAxis: '1 1 0', ankleRange: '-70 -30' },
  { n: 3, x: -1, y: -1, ankleAxis: '-1 1 0', ankleRange: '-70 -30' },
  { n: 4, x: 1, y: -1, ankleAxis: '1 1 0', ankleRange: '30 70' },
];

/**
 * Lengths in m, angles in degrees. Light (5 kg/m^3, 0.91 kg in all) with heavy rotors: each joint carries 1 kg m^2 of
 * inertia and 1 N m s of damping. A control of 1 is 150 N m. Parts touch the floor only (`conaffinity` 0).
 * Legs are numbered from x, y > 0 counterclockwise; motors begin with leg 4, as published.
 */
export const ANT_MJCF = `<mujoco model="mail-lab ant">
  <compiler angle="degree"/>
  <option timestep="0.01" integrator="RK4"/>
  <size memory="1M"/>
  <default>
    <geom conaffinity="0" density="5" friction="1 0.5 0.5" margin="0.01"/>
    <joint type="hinge" armature="1" damping="1"/>
    <motor gear="150" ctrlrange="-1 1"/>
    <default class="limb">
      <geom type="capsule" size="0.08"/>
    </default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1"/>
    <body name="torso" pos="0 0 0.75">
      <joint name="root" type="free" armature="0" damping="0" margin="0.01"/>
      <geom name="torso" size="0.25"/>
      ${LEGS.map(leg).join('\n      ')}
    </body>
  </worldbody>
  <actuator>
    ${[4, 1, 2, 3].map((n) => `<motor name="hip_${n}" joint="hip_${n}"/><motor name="ankle_${n}" joint="ankle_${n}"/>`).join('\n    ')}
  </actuator>
</mujoco>`;

function leg({ n, x, y, ankleAxis, ankleRange }: Leg): string {
  return `<body name="root_${n}">
        <geom class="limb" name="root_${n}" fromto="0 0 0 ${0.2 * x} ${0.2 * y} 0"/>
        <body name="hip_${n}" pos="${0.2 * x} ${0.2 * y} 0">
          <joint name="hip_${n}" axis="0 0 1" range="-30 30"/>
          <geom class="limb" name="hip_${n}" fromto="0 0 0 ${0.2 * x} ${0.2 * y} 0"/>
          <body name="ankle_${n}" pos="${0.2 * x} ${0.2 * y} 0">
            <joint name="ankle_${n}" axis="${ankleAxis}" range="${ankleRange}"/>
            <geom class="limb" name="ankle_${n}" fromto="0 0 0 ${0.4 * x} ${0.4 * y} 0"/>
          </body>
        </body>
      </body>`;
}
