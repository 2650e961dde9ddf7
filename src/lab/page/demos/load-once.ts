/** Loads what a name stands for at its first use. What failed is tried again at the next. */
export function loadOnce<Name, T>(load: (name: Name) => Promise<T>): (name: Name) => Promise<T> {
  const loaded = new Map<Name, Promise<T>>()
  return (name) => {
    let found = loaded.get(name)
    if (!found) {
      found = load(name)
      found.catch(() => loaded.delete(name))
      loaded.set(name, found)
    }
    return found
  }
}
