import { find } from './find.ts'

/** What the page's template of this id has inside. */
export function clone(root: ParentNode, template: string): HTMLElement {
  const { content } = find(root, `template#${template}`, HTMLTemplateElement)
  return find(document.importNode(content, true), '*', HTMLElement)
}
