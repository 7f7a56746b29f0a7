// The body of Reacher as an MJCF model: an arm of two links that turns over a table, and a target on it.

/**
 * Lengths in m, angles in rad. The arm turns about vertical axes at 1 cm above the table, each joint with 1 kg m^2
 * of rotor inertia and 1 N m s of damping; a control of 1 is 200 N m. The target is a body on two slides without
 * friction that nothing moves. The only things that could touch are none: arena and target are pictures only,
 * and a link does not collide with its neighbour. The ground, arena and base count in no rule and are kept so that
 * the compiled model is the published one.
 */
export const REACHER_MJCF = `<mujoco model="mail-lab reacher">
  <compiler angle="radian"/>
  <option timestep="0.01" integrator="RK4"/>
  <size memory="1M"/>
  <default>
    <geom contype="0" friction="1 0.1 0.1"/>
    <joint type="hinge" axis="0 0 1" armature="1" damping="1"/>
    <motor gear="200" ctrlrange="-1 1"/>
    <default class="arena">
      <geom type="capsule" size="0.02" conaffinity="0"/>
    </default>
    <default class="target">
      <joint type="slide" range="-0.27 0.27" armature="0" damping="0"/>
    </default>
  </default>
  <worldbody>
    <geom name="ground" type="plane" size="1 1 10" conaffinity="0"/>
    <geom class="arena" name="south" fromto="-0.3 -0.3 0.01 0.3 -0.3 0.01"/>
    <geom class="arena" name="east" fromto="0.3 -0.3 0.01 0.3 0.3 0.01"/>
    <geom class="arena" name="north" fromto="-0.3 0.3 0.01 0.3 0.3 0.01"/>
    <geom class="arena" name="west" fromto="-0.3 -0.3 0.01 -0.3 0.3 0.01"/>
    <geom name="base" type="cylinder" size="0.011" fromto="0 0 0 0 0 0.02" conaffinity="0"/>
    <body name="upper" pos="0 0 0.01">
      <joint name="shoulder"/>
      <geom name="upper" type="capsule" size="0.01" fromto="0 0 0 0.1 0 0"/>
      <body name="lower" pos="0.1 0 0">
        <joint name="elbow" range="-3 3"/>
        <geom name="lower" type="capsule" size="0.01" fromto="0 0 0 0.1 0 0"/>
        <body name="fingertip" pos="0.11 0 0">
          <geom name="fingertip" size="0.01"/>
        </body>
      </body>
    </body>
    <body name="target" pos="0.1 -0.1 0.01">
      <joint class="target" name="target_x" axis="1 0 0" ref="0.1"/>
      <joint class="target" name="target_y" axis="0 1 0" ref="-0.1"/>
      <geom name="target" size="0.009" conaffinity="0"/>
    </body>
  </worldbody>
  <actuator>
    <motor name="shoulder" joint="shoulder"/>
    <motor name="elbow" joint="elbow"/>
  </actuator>
</mujoco>`;
