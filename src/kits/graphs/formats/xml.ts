import { InputError } from '../../../engine/index.ts'

/** An element of an XML document; comments, declarations and processing instructions are left out. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  text: string
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Entities that a document declares itself are not expanded: a reader of data has no use for them. */
const unescaped = (text: string, refuse: (what: string) => never): string =>
  text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name] ?? refuse(`the entity ${whole} is unknown`)
    const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : refuse(`${whole} is no character`)
  })

const deepest = 100

const token =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<![^>]*>|<\/\s*([^\s>]+)\s*>|<([^\s/>!?]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>|[^<]+/y

/** The elements of a document, outermost first: the part of XML that GraphML is written in. */
export function elementsIn(text: string, where: string): XmlElement[] {
  const root: XmlElement = { name: '', attributes: Object.create(null), children: [], text: '' }
  const open = [root]
  let at = 0
  const refuse = (what: string): never => {
    throw new InputError(`${what} in line ${text.slice(0, at).split('\n').length}`, { where, fix: 'the file is no XML, or damaged' })
  }
  while (at < text.length) {
    token.lastIndex = at
    const found = token.exec(text)
    if (!found) return refuse("a '<' begins nothing")
    const [whole, cdata, closing, opening, attributes, selfClosing] = found
    const top = open.at(-1)!
    if (closing !== undefined) {
      if (open.length === 1 || top.name !== closing) refuse(`</${closing}> closes nothing`)
      open.pop()
    } else if (opening !== undefined) {
      const element: XmlElement = { name: opening, attributes: attributesIn(attributes, refuse), children: [], text: '' }
      top.children.push(element)
      if (!selfClosing) open.push(element)
      if (open.length > deepest) refuse(`elements are more than ${deepest} deep`)
    } else if (cdata !== undefined) top.text += cdata
    else if (!whole.startsWith('<')) top.text += unescaped(whole, refuse)
    at += whole.length
  }
  if (open.length > 1) refuse(`<${open.at(-1)!.name}> is not closed`)
  return root.children
}

function attributesIn(text: string, refuse: (what: string) => never): Record<string, string> {
  const found: Record<string, string> = Object.create(null)
  for (const [, name, double, single] of text.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    found[name] = unescaped(double ?? single ?? '', refuse)
  return found
}
