/** What seeds are used for in this folder, so that no two generators share a stream. */
export const generatorUse = {
  geoTraffic: 0x6765_6f74,
  signedBalance: 0x7369_676e,
  gridMdp: 0x6772_6964,
  community: 0x636f_6d6d,
  ego: 0x6567_6f73,
} as const
