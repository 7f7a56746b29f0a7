// The body of Hopper-v5 as an MJCF model: a torso, thigh, leg and foot in the x-z plane above a floor.

/**
 * Lengths in m, angles in degrees. Masses follow from the capsules' volumes at 1000 kg/m^3 (15.82 kg in all).
 *
 * The torso hangs on two slides and a hinge without friction, so it moves freely in the plane; `rootz` counts
 * from the floor (`ref`), not from its start. Joint angles grow backwards (axis -y): thigh and leg bend from
 * -150 to 0, the foot from -45 to 45. Each joint carries 1 kg m^2 of rotor inertia and 1 N m s of damping, and
 * each motor turns a control of +-1 into +-200 N m. Capsules touch without friction among themselves
 * (`condim` 1); the floor has `condim` 3, and a contact takes the larger of the two and the larger friction.
 *
 * `memory` bounds the simulator's scratch space, of which the hopper uses 18 kB; MuJoCo's own guess is 13 MB for
 * each environment, out of a heap of 2 GB.
 */
export const HOPPER_MJCF = `<mujoco model="mail-lab hopper">
  <compiler angle="degree"/>
  <option timestep="0.002" integrator="RK4"/>
  <size memory="1M"/>
  <default>
    <geom type="capsule" condim="1" friction="0.9" margin="0.001" solref="0.02 1" solimp="0.8 0.8 0.01"/>
    <joint type="hinge" axis="0 -1 0" armature="1" damping="1"/>
    <motor gear="200" ctrlrange="-1 1"/>
    <default class="root">
      <joint armature="0" damping="0"/>
    </default>
  </default>
  <worldbody>
    <geom name="floor" type="plane" size="20 20 0.125" condim="3" friction="1"/>
    <body name="torso" pos="0 0 1.25">
      <joint class="root" name="rootx" type="slide" axis="1 0 0" pos="0 0 -1.25"/>
      <joint class="root" name="rootz" type="slide" axis="0 0 1" pos="0 0 -1.25" ref="1.25"/>
      <joint class="root" name="rooty" axis="0 1 0"/>
      <geom name="torso" size="0.05 0.2"/>
      <body name="thigh" pos="0 0 -0.2">
        <joint name="thigh" range="-150 0"/>
        <geom name="thigh" size="0.05 0.225" pos="0 0 -0.225"/>
        <body name="leg" pos="0 0 -0.7">
          <joint name="leg" pos="0 0 0.25" range="-150 0"/>
          <geom name="leg" size="0.04 0.25"/>
          <body name="foot" pos="0.13 0 -0.35">
            <joint name="foot" pos="-0.13 0 0.1" range="-45 45"/>
            <geom name="foot" size="0.06 0.195" pos="-0.065 0 0.1" euler="0 -90 0" friction="2"/>
          </body>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="thigh" joint="thigh"/>
    <motor name="leg" joint="leg"/>
    <motor name="foot" joint="foot"/>
  </actuator>
</mujoco>`;
