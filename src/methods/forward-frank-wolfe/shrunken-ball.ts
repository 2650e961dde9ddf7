/*
 * Where Frank-Wolfe without averaging ends on an ℓ2 ball of radius R. The oracle's answer to ⟨∇f, u⟩u is −R sign(⟨∇f, u⟩) u/‖u‖, whose mean is
 * −R c_d ∇f/‖∇f‖ with c_d = E|cos(u, ∇f)|: on average it is the vertex of a ball of radius c_d R, and the iterates go to the minimum over that one.
 */

/**
 * c_d = E|cos| of the angle between a random direction in d dimensions and a fixed one: Γ(d/2) / (√π Γ((d + 1)/2)), about √(2/(πd)).
 *
 * @example
 * meanCosine(100) // 0.0800
 */
export function meanCosine(d: number): number {
  // c_{d+2} = c_d · d/(d + 1), from c_1 = 1 and c_2 = 2/π.
  let c = d % 2 === 1 ? 1 : 2 / Math.PI
  for (let k = d % 2 === 1 ? 1 : 2; k < d; k += 2) c *= k / (k + 1)
  return c
}
