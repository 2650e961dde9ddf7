/** The id that a run is given where nobody names its folder; its end is by chance. */
const generated = /^\d{8}-\d{6}-([0-9a-f]{6})$/

/** Names that tell runs apart, by path: the end of a generated id, else the whole id; the path where that is not enough. */
export function shortNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const isOnly = (name: string, path: string) => paths.every((other) => other === path || !other.endsWith(name))
  return new Map(
    paths.map((path) => {
      const id = path.slice(path.lastIndexOf('/') + 1)
      const names = [generated.exec(id)?.[1] ?? id, id]
      return [path, names.find((name) => isOnly(name, path)) ?? path]
    }),
  )
}
