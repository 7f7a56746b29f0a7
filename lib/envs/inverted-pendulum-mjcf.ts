// The body of InvertedPendulum as an MJCF model: a cart on a rail with a pole on it.

/**
 * Lengths in m, angles in degrees; masses follow from the capsules' volumes at 1000 kg/m^3 (15.49 kg in
 * all). Nothing touches anything (`contype` 0). The rail ends at +-1 m; a control of 1 pushes with 100 N.
 * The pole leans by a hair at angle 0, as its upper end is 1 mm off.
 */
export const INVERTED_PENDULUM_MJCF = `<mujoco model="mail-lab inverted pendulum">
  <compiler angle="degree"/>
  <option timestep="0.02" integrator="RK4"/>
  <size memory="1M"/>
  <default>
    <geom type="capsule" contype="0" friction="1 0.1 0.1"/>
    <joint damping="1"/>
  </default>
  <worldbody>
    <geom name="rail" quat="1 0 1 0" size="0.02 1"/>
    <body name="cart">
      <joint name="slider" type="slide" axis="1 0 0" range="-1 1"/>
      <geom name="cart" quat="1 0 1 0" size="0.1 0.1"/>
      <body name="pole">
        <joint name="hinge" axis="0 1 0" range="-90 90"/>
        <geom name="pole" fromto="0 0 0 0.001 0 0.6" size="0.049"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="slide" joint="slider" gear="100" ctrlrange="-3 3"/>
  </actuator>
</mujoco>`;
