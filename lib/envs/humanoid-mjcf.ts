// The body of Humanoid as an MJCF model: a person of 13 bodies and 17 driven joints.

/**
 * Lengths in m, angles in degrees. Masses follow from the volumes at 1000 kg/m^3 (42.12 kg in all).
 *
 * The two sides are nearly mirror images; where they are not (stiffness of the left knee, inertia of the left hip)
 * the published model is kept. Waist and pelvis are tilted by 0.23 degrees. Controls reach +-0.4, times 25 to 300
 * N m. Parts collide with the floor and with each other, without friction among themselves (`condim` 1). Two fixed
 * tendons measure hip against knee and pull on nothing.
 */
export const HUMANOID_MJCF = `<mujoco model="mail-lab humanoid">
  <compiler angle="degree"/>
  <option timestep="0.003" integrator="RK4" solver="PGS" iterations="50"/>
  <size memory="2M"/>
  <default>
    <geom type="capsule" condim="1" margin="0.001"/>
    <joint type="hinge" armature="1" damping="1"/>
    <motor ctrlrange="-0.4 0.4"/>
    <default class="abdomen"><joint armature="0.02" damping="5" stiffness="10"/></default>
    <default class="hip"><joint armature="0.01" damping="5" stiffness="10"/></default>
    <default class="hip_x"><joint armature="0.01" damping="5" stiffness="10" range="-25 5"/></default>
    <default class="hip_z"><joint armature="0.01" damping="5" stiffness="10" range="-60 35"/></default>
    <default class="hip_y"><joint armature="0.01" damping="5" stiffness="20" range="-110 20" axis="0 1 0"/></default>
    <default class="knee"><joint armature="0.006" axis="0 -1 0" pos="0 0 0.02" range="-160 -2"/></default>
    <default class="arm"><joint armature="0.0068" stiffness="1"/></default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="20 20 0.125" condim="3" friction="1 0.1 0.1"/>
    <body name="torso" pos="0 0 1.4">
      <joint name="root" type="free" armature="0" damping="0"/>
      <geom name="torso" fromto="0 -0.07 0 0 0.07 0" size="0.07"/>
      <geom name="head" type="sphere" pos="0 0 0.19" size="0.09"/>
      <geom name="upper_waist" fromto="-0.01 -0.06 -0.12 -0.01 0.06 -0.12" size="0.06"/>
      <body name="lower_waist" pos="-0.01 0 -0.26" quat="1 0 -0.002 0">
        <geom name="lower_waist" fromto="0 -0.06 0 0 0.06 0" size="0.06"/>
        <joint class="abdomen" name="abdomen_z" pos="0 0 0.065" axis="0 0 1" range="-45 45" stiffness="20"/>
        <joint class="abdomen" name="abdomen_y" pos="0 0 0.065" axis="0 1 0" range="-75 30"/>
        <body name="pelvis" pos="0 0 -0.165" quat="1 0 -0.002 0">
          <joint class="abdomen" name="abdomen_x" pos="0 0 0.1" axis="1 0 0" range="-35 35"/>
          <geom name="pelvis" fromto="-0.02 -0.07 0 -0.02 0.07 0" size="0.09"/>
          ${leg({ side: 'right', y: -1, hipArmature: 0.008, kneeStiffness: 0 })}
          ${leg({ side: 'left', y: 1, hipArmature: 0.01, kneeStiffness: 1 })}
        </body>
      </body>
      ${arm({ side: 'right', y: -1, range: '-85 60', elbowAxis: '0 -1 1' })}
      ${arm({ side: 'left', y: 1, range: '-60 85', elbowAxis: '0 -1 -1' })}
    </body>
  </worldbody>
  <tendon>
    <fixed name="left_hip_knee"><joint joint="left_hip_y" coef="-1"/><joint joint="left_knee" coef="1"/></fixed>
    <fixed name="right_hip_knee"><joint joint="right_hip_y" coef="-1"/><joint joint="right_knee" coef="1"/></fixed>
  </tendon>
  <actuator>
    ${motors().join('\n    ')}
  </actuator>
</mujoco>`;

/** @param side the hip turns about x and z in opposite senses on the two sides, so that joint angles mirror */
function leg({
  side,
  y,
  hipArmature,
  kneeStiffness,
}: {
  side: string;
  y: 1 | -1;
  hipArmature: number;
  kneeStiffness: number;
}): string {
  return `<body name="${side}_thigh" pos="0 ${0.1 * y} -0.04">
            <joint class="hip_x" name="${side}_hip_x" axis="${-y} 0 0"/>
            <joint class="hip_z" name="${side}_hip_z" axis="0 0 ${-y}"/>
            <joint class="hip_y" name="${side}_hip_y" armature="${hipArmature}"/>
            <geom name="${side}_thigh" fromto="0 0 0 0 ${-0.01 * y} -0.34" size="0.06"/>
            <body name="${side}_shin" pos="0 ${-0.01 * y} -0.403">
              <joint class="knee" name="${side}_knee" stiffness="${kneeStiffness}"/>
              <geom name="${side}_shin" fromto="0 0 0 0 0 -0.3" size="0.049"/>
              <body name="${side}_foot" pos="0 0 -0.45">
                <geom name="${side}_foot" type="sphere" pos="0 0 0.1" size="0.075"/>
              </body>
            </body>
          </body>`;
}

function arm({
  side,
  y,
  range,
  elbowAxis,
}: {
  side: string;
  y: 1 | -1;
  range: string;
  elbowAxis: string;
}): string {
  return `<body name="${side}_upper_arm" pos="0 ${0.17 * y} 0.06">
        <joint class="arm" name="${side}_shoulder1" axis="2 ${-y} 1" range="${range}"/>
        <joint class="arm" name="${side}_shoulder2" axis="0 ${y} 1" range="${range}" armature="0.0051"/>
        <geom name="${side}_upper_arm" fromto="0 0 0 0.16 ${0.16 * y} -0.16" size="0.04"/>
        <body name="${side}_lower_arm" pos="0.18 ${0.18 * y} -0.18">
          <joint class="arm" name="${side}_elbow" axis="${elbowAxis}" range="-90 50" armature="0.0028" stiffness="0"/>
          <geom name="${side}_lower_arm" fromto="0.01 ${-0.01 * y} 0.01 0.17 ${-0.17 * y} 0.17" size="0.031"/>
          <geom name="${side}_hand" type="sphere" pos="0.18 ${-0.18 * y} 0.18" size="0.04"/>
        </body>
      </body>`;
}

/** Joint and gear, N m per unit of control, in the published order. */
function motors(): string[] {
  const leg = (side: string) =>
    [
      [`${side}_hip_x`, 100],
      [`${side}_hip_z`, 100],
      [`${side}_hip_y`, 300],
      [`${side}_knee`, 200],
    ] as const;
  const arm = (side: string) =>
    ['shoulder1', 'shoulder2', 'elbow'].map((name) => [`${side}_${name}`, 25] as const);
  const abdomen = ['abdomen_y', 'abdomen_z', 'abdomen_x'].map((name) => [name, 100] as const);
  return [...abdomen, ...leg('right'), ...leg('left'), ...arm('right'), ...arm('left')].map(
    ([joint, gear]) => `<motor name="${joint}" joint="${joint}" gear="${gear}"/>`,
  );
}
