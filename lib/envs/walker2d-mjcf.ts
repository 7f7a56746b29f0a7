// The body of Walker2d as an MJCF model: a torso on two legs in the x-z plane above a floor.

/**
 * Lengths in m, angles in degrees. Masses follow from the capsules' volumes at 1000 kg/m^3 (23.68 kg in all).
 *
 * Like the hopper, with a second leg that hangs on the same point of the torso (the body is flat), 100 N m motors,
 * lighter joints, and parts that touch the floor but not each other (`conaffinity` 0).
 * @param rightFootFriction 1.9 in v5, 0.9 in v4; the left foot has 1.9 in both
 */
export function walker2dMjcf({ rightFootFriction }: { rightFootFriction: number }): string {
  return `<mujoco model="mail-lab walker2d">
  <compiler angle="degree"/>
  <option timestep="0.002" integrator="RK4"/>
  <size memory="1M"/>
  <default>
    <geom type="capsule" conaffinity="0" friction="0.9 0.1 0.1"/>
    <joint type="hinge" axis="0 -1 0" armature="0.01" damping="0.1"/>
    <motor gear="100" ctrlrange="-1 1"/>
    <default class="root">
      <joint armature="0" damping="0"/>
    </default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="40 40 40" conaffinity="1" friction="0.7"/>
    <body name="torso" pos="0 0 1.25">
      <joint class="root" name="rootx" type="slide" axis="1 0 0" pos="0 0 -1.25"/>
      <joint class="root" name="rootz" type="slide" axis="0 0 1" pos="0 0 -1.25" ref="1.25"/>
      <joint class="root" name="rooty" axis="0 1 0"/>
      <geom name="torso" size="0.05 0.2"/>
      ${leg('', rightFootFriction)}
      ${leg('_left', 1.9)}
    </body>
  </worldbody>
  <actuator>
    <motor name="thigh" joint="thigh"/>
    <motor name="leg" joint="leg"/>
    <motor name="foot" joint="foot"/>
    <motor name="thigh_left" joint="thigh_left"/>
    <motor name="leg_left" joint="leg_left"/>
    <motor name="foot_left" joint="foot_left"/>
  </actuator>
</mujoco>`;
}

function leg(side: string, footFriction: number): string {
  return `<body name="thigh${side}" pos="0 0 -0.2">
        <joint name="thigh${side}" range="-150 0"/>
        <geom name="thigh${side}" size="0.05 0.225" pos="0 0 -0.225"/>
        <body name="leg${side}" pos="0 0 -0.7">
          <joint name="leg${side}" pos="0 0 0.25" range="-150 0"/>
          <geom name="leg${side}" size="0.04 0.25"/>
          <body name="foot${side}" pos="0.2 0 -0.35">
            <joint name="foot${side}" pos="-0.2 0 0.1" range="-45 45"/>
            <geom name="foot${side}" size="0.06 0.1" pos="-0.1 0 0.1" euler="0 -90 0" friction="${footFriction}"/>
          </body>
        </body>
      </body>`;
}
