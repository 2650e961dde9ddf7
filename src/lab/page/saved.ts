/** A word that the browser keeps for the reader; where it may not, nothing is kept. */
export const saved = (name: string) => ({
  get(): string | null {
    try {
      return localStorage.getItem(name)
    } catch {
      return null
    }
  },
  set(value: string): void {
    try {
      localStorage.setItem(name, value)
    } catch {
      // Private windows of some browsers refuse; the choice holds until the page is closed.
    }
  },
})
